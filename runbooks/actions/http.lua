-- Servers, asked over HTTP.

local shared = {
  bearer = {type = "secret", default = null, description = "Sent as Authorization: Bearer …"},
  timeout = {type = "duration", default = "30s", description = "Until the last byte of an answer"},
  ca = {type = "source", default = null,
        description = "Certificates to trust instead of the machine's"},
}

-- What is JSON by its own word, as the value that it is; all else as text.
local function content_of(answer)
  local kind = answer.headers["content-type"] or ""
  if answer.body == "" or not kind:find("json", 1, true) then return answer.body end
  local read, value = pcall(json.decode, answer.body)
  return read and value or answer.body
end

return {
  check = {
    summary = "Checks what a server answers, and how fast",
    params = {
      url = "string",
      bearer = shared.bearer,
      status = {type = "integer", default = 200, description = "The status wanted"},
      contains = {type = "string", default = null, description = "Text wanted in the body"},
      times = {type = "integer", default = 1, min = 1, max = 10000,
               description = "How often it is asked, one after another"},
      mean_below = {type = "duration", default = null,
                    description = "The mean time of an answer, with connecting, is below that"},
      timeout = shared.timeout,
      ca = shared.ca,
    },
    returns = {status_code = "integer", mean = "duration"},
    effect = "read",
    run = function(with)
      local seconds, answer = 0, nil
      for number = 1, with.times do
        answer = http{url = with.url, bearer = with.bearer, expect = with.status,
                      timeout = with.timeout, ca = with.ca and with.ca.text,
                      redirects = with.status >= 300 and with.status < 400 and 0 or nil}
        check(not with.contains or answer.body:find(with.contains, 1, true),
              "the answer of %s does not say %q", with.url, with.contains)
        seconds = seconds + answer.seconds
        progress(number, with.times, "answers")
      end
      local mean = duration(seconds / with.times)
      check(not with.mean_below or mean < with.mean_below,
            "%s answers in %s, the mean of %d; wanted below %s", with.url, mean, with.times,
            with.mean_below)
      return {status_code = answer.status, mean = mean}
    end,
  },

  call = {
    summary = "Sends a request that may change something",
    params = {
      method = {type = "string", enum = {"GET", "POST", "PUT", "PATCH", "DELETE"}},
      url = "string",
      bearer = shared.bearer,
      headers = {type = "map", default = {}, of = "secret", description = "Further headers"},
      body = {type = "any", default = null,
              description = "A text as it is, a list or map as JSON"},
      expect = {type = "integer", default = 200, description = "The status wanted"},
      timeout = shared.timeout,
      ca = shared.ca,
    },
    returns = {status_code = "integer", body = "any"},
    effect = "unsafe",
    run = function(with)
      local answer = http{method = with.method, url = with.url, bearer = with.bearer,
                          headers = with.headers, body = with.body, expect = with.expect,
                          timeout = with.timeout, ca = with.ca and with.ca.text,
                          max_bytes = "512KiB"}
      return {status_code = answer.status, body = content_of(answer)}
    end,
  },
}
