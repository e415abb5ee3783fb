// The http primitive of an attempt: what may be asked, how often, and what an answer means.

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "engine/execute/attempt_context.h"
#include "engine/seam.h"

namespace drydock::execute {
namespace {

constexpr Microseconds kLongestPause{30'000'000};
constexpr std::size_t kShownBytes = 200;

bool is_expected(const HttpRequest& request, int status) {
    if (request.any_status) return true;
    if (request.expect.empty()) return status >= 200 && status < 300;
    return std::ranges::find(request.expect, status) != request.expect.end();
}

std::string wanted(const HttpRequest& request) {
    if (request.expect.empty()) return "200 to 299";
    std::string text;
    for (const std::int64_t status : request.expect)
        text += (text.empty() ? "" : " or ") + std::to_string(status);
    return text;
}

// What stood between us and the server says that it does not know what the server did.
bool is_hearsay(int status) {
    return status == 502 || status == 504;
}

bool is_passing(int status) {
    return status == 502 || status == 503 || status == 504;
}

run::EffectResult result_of(const HttpRequest& request, const fetch::Exchange& exchange) {
    using End = fetch::Exchange::End;
    using run::EffectResult;
    if (exchange.answer) {
        const int status = exchange.answer->status;
        return is_hearsay(status) && !is_expected(request, status) ? EffectResult::Lost
                                                                    : EffectResult::Ok;
    }
    // Nothing left this machine, so nothing was done.
    if (!exchange.sent) return EffectResult::Error;
    if (exchange.end == End::TimedOut) return EffectResult::Timeout;
    return exchange.end == End::Stopped ? EffectResult::Killed : EffectResult::Lost;
}

std::string hint_for(const fetch::Request& request, const fetch::Answer& answer) {
    const int status = answer.status;
    if (status >= 300 && status < 400) {
        return fetch::only_reads(request.method)
                   ? "it leads elsewhere: ask there, or give redirects"
                   : "a request that changes something is not redirected: ask there";
    }
    if (status == 401 || status == 403) return "look at the token, and at what it may do";
    if (status == 404 || status == 405) return "look at method and path";
    if (status == 429) return "it asks for patience: fewer requests, or a retry with pauses";
    if (is_passing(status))
        return "the server is not ready, or what stands before it; worth a retry";
    return status >= 500 ? "look at the server's log" : "look at what was asked";
}

std::string first_line(const std::string& body) {
    const std::size_t begin = body.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return {};
    std::string line = body.substr(begin, std::min(body.find_first_of("\r\n", begin) - begin,
                                                   kShownBytes));
    const bool text = std::ranges::all_of(line, [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 || c == '\t';
    });
    return text ? ": " + line : "";
}

}  // namespace

fetch::Exchange AttemptContext::exchange_once(fetch::Request request) {
    const Microseconds left = about_.deadline - shop_.clock.boot();
    const bool last_chance = left <= request.timeout;
    if (last_chance) request.timeout = std::max(left, Microseconds(1000));
    fetch::Exchange made = fetch::exchange(request, shop_.cancel, shop_.stand_ins.ask);
    if (last_chance && made.end == fetch::Exchange::End::TimedOut) {
        // What is over is the time of the whole attempt.
        shop_.cancel.request(StopReason::Deadline);
        made.end = fetch::Exchange::End::Stopped;
    }
    const std::string said =
        made.answer ? "→ " + std::to_string(made.answer->status) + ", " +
                          to_text(Size{static_cast<std::int64_t>(made.answer->body.size())}) +
                          " in " + to_text(Duration{made.answer->took})
                    : "without an answer";
    log(made.answer ? LogLevel::Info : LogLevel::Warn, fetch::shown(request) + " " + said);
    return made;
}

fetch::Exchange AttemptContext::exchange_with_patience(const HttpRequest& request) {
    Microseconds pause = request.retry_every;
    for (std::int64_t tried = 1;; ++tried) {
        fetch::Exchange made = exchange_once(request.request);
        const bool passing = made.answer ? is_passing(made.answer->status) &&
                                               !is_expected(request, made.answer->status)
                                         : made.passing;
        if (made.end == fetch::Exchange::End::Stopped || !passing || tried >= request.times)
            return made;
        shop_.clock.sleep_until(shop_.clock.boot() + pause, shop_.cancel);
        check_stop();
        stop_between_batches();  // nothing is on its way: a good place as well
        if (shop_.cancel.reason() != StopReason::None) return made;
        pause = std::min(pause * 2, kLongestPause);
    }
}

HttpAnswer AttemptContext::http(const HttpRequest& request) {
    const fetch::Request& asked = request.request;
    fetch::check(asked);
    if (request.times > 1 && asked.method != "GET" && asked.method != "HEAD") {
        throw Error(ErrorCode::Lua, "http: retry is for GET and HEAD: a " + asked.method +
                                        " may have been heard although nobody answered",
                    "the step's own retry: asks for idempotent or a probe");
    }
    std::int64_t effect = 0;
    if (fetch::only_reads(asked.method)) {
        allow_read("http");
    } else {
        Value::List headers;
        for (const fetch::Header& header : asked.headers) headers.emplace_back(header.name);
        effect = begin_effect(
            "http", asked.method + " " + asked.url,
            Value::Map{{"headers", std::move(headers)},
                       {"body_bytes", static_cast<std::int64_t>(asked.body.value_or("").size())}});
    }
    fetch::Exchange made = exchange_with_patience(request);
    kill_point("http.done");
    if (effect > 0) {
        end_effect(effect, run::name_of(result_of(request, made)),
                   made.answer ? made.answer->status : 0);
    }
    if (made.end == fetch::Exchange::End::Stopped) {
        check_stop();
        throw Stopped{StopReason::Interrupt};
    }
    if (!made.answer) throw *made.error;
    fetch::Answer& answer = *made.answer;
    if (!is_expected(request, answer.status)) {
        throw Error(ErrorCode::Http,
                    fetch::shown(asked) + " answered " + std::to_string(answer.status) +
                        ", wanted " + wanted(request) + first_line(answer.body),
                    hint_for(asked, answer), std::to_string(answer.status));
    }
    return std::move(answer);
}

}  // namespace drydock::execute
