# A chunk of the body to the data of its events, as tutorials that read a chat completion with Net::HTTP's read_body show it.

def events(chunk)
  chunk.scan(/^data: (.+)$/).flatten.reject { |data| data == '[DONE]' }
end
