#include "engine/run/ids.h"

#include <charconv>

#include "engine/check.h"

namespace drydock::run {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

}  // namespace

std::string make_run_id(std::string_view random) {
    CHECK(random.size() == 16);
    std::string id;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char byte : random) {
        bits = (bits << 8) | static_cast<std::uint8_t>(byte);
        held += 8;
        while (held >= 5) {
            held -= 5;
            id += kAlphabet[(bits >> held) & 31U];
        }
    }
    id += kAlphabet[(bits << (5 - held)) & 31U];
    CHECK(id.size() == kRunIdLength);
    return id;
}

bool is_run_id(std::string_view text) {
    return text.size() == kRunIdLength &&
           text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

std::string short_id(std::string_view run) { return std::string(run.substr(0, 8)); }

std::string make_scope(std::string_view phase, std::string_view step) {
    std::string scope(phase);
    scope += '/';
    scope += step;
    return scope;
}

std::string make_item_scope(std::string_view phase, std::string_view step, std::int64_t index) {
    return make_scope(phase, step) + "[" + std::to_string(index) + "]";
}

ScopeParts split_scope(std::string_view scope) {
    const std::size_t slash = scope.find('/');
    CHECK(slash != std::string_view::npos);
    ScopeParts parts{std::string(scope.substr(0, slash)), std::string(scope.substr(slash + 1)), 0};
    const std::size_t bracket = parts.step.find('[');
    if (bracket == std::string::npos) return parts;
    const char* begin = parts.step.data() + bracket + 1;
    std::from_chars(begin, parts.step.data() + parts.step.size(), parts.index);
    CHECK(parts.index > 0);
    parts.step.resize(bracket);
    return parts;
}

}  // namespace drydock::run
