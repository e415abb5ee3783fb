#include "engine/migrate/variables.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "engine/check.h"

namespace drydock::migrate {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

// Replaces in the spans of one part. What stands in comments has no effect, and need not have a
// value.
class Replacing {
  public:
    Replacing(Reading& reading, const SourceFile& file, const Part& part, ReplacedText& made)
        : reading_(reading), file_(file), made_(made) {
        const std::string_view text = file.text;
        tokens_ = sql::lex(text.substr(part.begin(), part.end() - part.begin()),
                           reading.options().dialect);
    }

    void run(const Span& span) {
        at_ = span.begin;
        end_ = span.end;
        std::size_t copied = at_;
        while (span.variables != Variables::None &&
               (at_ = std::min(file_.text.find('$', at_), end_)) < end_) {
            const std::size_t dollar = at_;
            made_.copy(file_, copied, dollar);
            copied = span.variables == Variables::Shell ? shell() : braces();
            if (copied == dollar) ++at_;  // no variable: goes with what follows
        }
        made_.copy(file_, copied, end_);
    }

  private:
    [[nodiscard]] char peek(std::size_t offset) const {
        return at_ + offset < end_ ? file_.text[at_ + offset] : '\0';
    }

    // A dollar outside of comments is always part of a token.
    [[nodiscard]] bool in_comment(std::size_t dollar) const {
        const char* const at = file_.text.data() + dollar;
        const auto after = std::ranges::upper_bound(
            tokens_, at, std::less<>(), [](const sql::Token& token) { return token.text.data(); });
        if (after == tokens_.begin()) return true;
        const std::string_view text = std::prev(after)->text;
        return !std::less<>()(at, text.data() + text.size());
    }

    // Each of these answers where copying goes on: at the dollar when it begins no variable.

    std::size_t braces() {
        const std::size_t dollar = at_;
        const std::size_t end = file_.text.find('}', at_);
        if (peek(1) != '{' || end == std::string::npos || end >= end_) return dollar;
        const std::string name = file_.text.substr(dollar + 2, end - dollar - 2);
        if (name.find('\n') != std::string::npos) return dollar;
        const bool known = reading_.options().variables.contains(name);
        if (!known && in_comment(dollar)) return dollar;
        put(dollar, name);
        return at_ = end + 1;
    }

    std::size_t shell() {
        const std::size_t dollar = at_;
        if (in_comment(dollar)) return dollar;
        if (peek(1) == '$' || (dollar > 0 && file_.text[dollar - 1] == '\\')) {
            reading_.problem(file_, dollar, "$$ or \\$ where variables are replaced",
                             "goose takes both for one dollar: write -- +goose ENVSUB OFF above");
            return at_ = dollar + (peek(1) == '$' ? 2 : 1);
        }
        const bool braced = peek(1) == '{';
        const std::size_t begin = dollar + (braced ? 2 : 1);
        if (begin >= end_ || !is_letter(file_.text[begin])) return dollar;
        std::size_t end = begin;
        while (end < end_ && is_name(file_.text[end])) ++end;
        const std::string name = file_.text.substr(begin, end - begin);
        if (!braced) {
            put(dollar, name);
            return at_ = end;
        }
        const std::size_t close = file_.text.find('}', end);
        if (close == std::string::npos || close >= end_) {
            reading_.problem(file_, dollar, "${" + name + " is not closed", "end it with }");
            return at_ = end;
        }
        put_with_default(dollar, name, file_.text.substr(end, close - end));
        return at_ = close + 1;
    }

    // `rest` stands behind the name: nothing, `-default` or `:-default`.
    void put_with_default(std::size_t dollar, const std::string& name, const std::string& rest) {
        if (rest.empty()) return put(dollar, name);
        const bool also_empty = rest.starts_with(":-");
        if (!also_empty && !rest.starts_with('-')) {
            reading_.problem(file_, dollar, "${" + name + rest + "} is not understood",
                             "write ${" + name + "} or ${" + name + ":-default}");
            return;
        }
        const auto found = reading_.options().variables.find(name);
        const bool has = found != reading_.options().variables.end() &&
                         !(also_empty && found->second.empty());
        made_.replace(has ? found->second : rest.substr(also_empty ? 2 : 1), dollar);
    }

    void put(std::size_t dollar, const std::string& name) {
        const auto found = reading_.options().variables.find(name);
        if (found != reading_.options().variables.end()) {
            made_.replace(found->second, dollar);
            return;
        }
        reading_.problem(file_, dollar, "the variable " + name + " has no value",
                         "--variable " + name +
                             "=VALUE, or `variables` of `migrations` in drydock.yaml");
    }

    Reading& reading_;
    const SourceFile& file_;
    ReplacedText& made_;
    std::vector<sql::Token> tokens_;  // of the part, as it is written
    std::size_t at_ = 0;
    std::size_t end_ = 0;
};

}  // namespace

void ReplacedText::copy(const SourceFile& file, std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    segments_.push_back({.made = text.size(), .written = begin, .copied = true});
    text.append(file.text, begin, end - begin);
}

void ReplacedText::replace(std::string_view value, std::size_t offset) {
    segments_.push_back({.made = text.size(), .written = offset, .copied = false});
    text += value;
}

std::size_t ReplacedText::in_file(std::size_t at) const {
    CHECK(!segments_.empty());
    const auto after = std::ranges::upper_bound(segments_, at, {}, &Segment::made);
    CHECK(after != segments_.begin());
    const Segment& segment = *std::prev(after);
    return segment.copied ? segment.written + (at - segment.made) : segment.written;
}

void replace_variables(Reading& reading, const SourceFile& file, const Part& part,
                       ReplacedText& made) {
    Replacing replacing(reading, file, part, made);
    for (const Span& span : part.spans) replacing.run(span);
}

}  // namespace drydock::migrate
