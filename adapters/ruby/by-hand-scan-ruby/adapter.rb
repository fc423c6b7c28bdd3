require_relative '../protocol'
require_relative 'events'

serve_parser(
  implementation: 'by hand (tutorial style): each chunk scanned for "data: " lines',
  version: 'by hand',
  features: { input: 'bytes', eventType: 'raw', lastEventId: 'none', reconnectionTime: 'none', progress: true }
) do |chunks, seen|
  chunks.each_with_index do |chunk, index|
    events(chunk).each { |data| seen << { data:, chunk: index } }
  end
end
