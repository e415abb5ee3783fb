#include "engine/cases/server.h"

#include "engine/cases/question.h"
#include "engine/error.h"

namespace drydock::cases {
namespace {

const Answer* find_answer(const Case& one, const Asked& asked) {
    for (const Answer& answer : one.answers) {
        if (fits(answer.question, asked)) return &answer;
    }
    return nullptr;
}

fetch::Exchange without_answer(const fetch::Request& request, ServerFailure how) {
    using End = fetch::Exchange::End;
    const std::string what = fetch::shown(request);
    if (how == ServerFailure::Timeout) {
        return {.end = End::TimedOut,
                .answer = {},
                .error = Error(ErrorCode::Timeout,
                               what + ": no whole answer within " +
                                   to_text(Duration{request.timeout}),
                               "the case says so", "timeout"),
                .sent = true,
                .passing = true};
    }
    const bool closed = how == ServerFailure::Closed;
    return {.end = End::Failed,
            .answer = {},
            .error = Error(ErrorCode::Connection,
                           what + (closed ? ": the server closed the connection without an answer"
                                          : ": Connection refused"),
                           "the case says so", closed ? "closed" : "refused"),
            .sent = closed,
            .passing = true};
}

fetch::Exchange answered(const fetch::Request& request, const Answer& answer) {
    if (answer.fails != ServerFailure::None) return without_answer(request, answer.fails);
    if (answer.took.length > request.timeout)
        return without_answer(request, ServerFailure::Timeout);
    fetch::Answer made{.status = static_cast<int>(answer.status),
                       .headers = answer.headers,
                       .body = request.method == "HEAD" ? "" : answer.body,
                       .took = answer.took.length};
    return {.end = fetch::Exchange::End::Answered,
            .answer = std::move(made),
            .error = {},
            .sent = true,
            .passing = false};
}

fetch::Exchange unlisted(const fetch::Request& request) {
    const std::string said = "no answer is listed for: " + request.method + " " + request.url;
    return {
        .end = fetch::Exchange::End::Failed,
        .answer = {},
        .error = Error(ErrorCode::Connection, said, "add it to answers: of the case", "refused"),
        .sent = false,
        .passing = false};
}

}  // namespace

bool fits_address(std::string_view pattern, std::string_view url) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == url;
    if (url.substr(0, star) != pattern.substr(0, star)) return false;
    url.remove_prefix(star);
    const bool any = pattern.substr(star).starts_with("**");
    const std::string_view rest = pattern.substr(star + (any ? 2 : 1));
    // Every place at which the rest could begin; patterns are short and few.
    for (std::size_t skip = 0; skip <= url.size(); ++skip) {
        if (fits_address(rest, url.substr(skip))) return true;
        if (!any && skip < url.size() && url[skip] == '/') return false;
    }
    return false;
}

fetch::Ask servers(const Case& one, const World& world) {
    return [&one, &world](const fetch::Request& request) {
        Asked asked{.command = {}, .method = request.method, .url = request.url};
        const Answer* answer = find_answer(one, asked);
        asked.answered = answer != nullptr;
        note_asked(world, asked);
        return answer == nullptr ? unlisted(request) : answered(request, *answer);
    };
}

}  // namespace drydock::cases
