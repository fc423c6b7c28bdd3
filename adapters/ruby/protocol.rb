# The adapter protocol for parsers (../README.md): request lines on standard input to answer lines on standard output.
# Knows nothing about event streams.

require 'json'

PROTOCOL_VERSION = 0
READ_SIZE = 1 << 20

# Serves one parser until `shutdown` or the end of standard input.
#
# The block is given the chunks of a delivery and an Enumerator::Yielder; it drives the implementation and yields its events in the protocol's keys.
# What it raises becomes `error`, beside the events so far.
def serve_parser(implementation:, version:, features:, &parse)
  # Standard output belongs to the protocol, whatever the implementation prints.
  output = $stdout.dup
  $stdout.reopen($stderr)
  description = { implementation:, version:, language: 'Ruby', role: 'parser', features: { **features, batch: true } }

  partial_line = +''
  loop do
    *lines, partial_line = (partial_line << $stdin.readpartial(READ_SIZE)).split("\n", -1)
    requests = lines.map { |line| JSON.parse(line) }
    # One write per read: a write per answer would cost more than most parses.
    output.write(requests.map { |request| "#{JSON.generate(answer(description, parse, request))}\n" }.join)
    output.flush
    return if requests.any? { |request| request['method'] == 'shutdown' }
  end
rescue EOFError
  # The harness went away.
end

def answer(description, parse, request)
  params = request['params'] || {}
  about =
    case request['method']
    when 'initialize' then initialized(description, params)
    when 'parse' then { result: observe(parse, params) }
    when 'parseAll' then { result: { results: params['streams'].map { |stream| observe(parse, stream) } } }
    when 'shutdown' then { result: {} }
    else failure(-32_601, "unknown method #{request['method']}")
    end
  { jsonrpc: '2.0', id: request['id'], **about }
end

def initialized(description, params)
  return failure(-32_602, "this adapter speaks version #{PROTOCOL_VERSION}") if params['protocolVersion'] != PROTOCOL_VERSION
  return failure(-32_602, "this adapter has no role #{params['role']}") if params['role'] != 'parser'

  { result: description }
end

def observe(parse, params)
  events = []
  begin
    chunks = params['chunks'].map { |chunk| chunk.unpack1('m') }
    Enumerator.new { |yielder| parse.call(chunks, yielder) }.each { |event| events << event.transform_values { |value| text(value) } }
    { events: }
  rescue StandardError => exception
    { events:, error: text("#{exception.class}: #{exception.message}") }
  end
end

# A string of Ruby is bytes, which need not be UTF-8.
def text(value)
  return value unless value.is_a?(String)

  utf8 = value.dup.force_encoding(Encoding::UTF_8)
  utf8.valid_encoding? ? utf8 : { base64: [value].pack('m0') }
end

def failure(code, message)
  { error: { code:, message: } }
end
