#include "engine/migrate/variables.h"

#include <algorithm>

#include "engine/check.h"

namespace drydock::migrate {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

// Replaces in one part.
class Replacing {
  public:
    Replacing(Reading& reading, const SourceFile& file, const Part& part, ReplacedText& made)
        : reading_(reading), file_(file), part_(part), made_(made), at_(part.begin) {}

    void run() {
        std::size_t copied = at_;
        while ((at_ = std::min(file_.text.find('$', at_), part_.end)) < part_.end) {
            const std::size_t dollar = at_;
            made_.copy(file_, copied, dollar);
            copied = part_.variables == Part::Variables::Shell ? shell() : braces();
            if (copied == dollar) ++at_;  // no variable: goes with what follows
        }
        made_.copy(file_, copied, part_.end);
    }

  private:
    [[nodiscard]] char peek(std::size_t offset) const {
        return at_ + offset < part_.end ? file_.text[at_ + offset] : '\0';
    }

    // Each of these answers where copying goes on: at the dollar when it begins no variable.

    std::size_t braces() {
        const std::size_t dollar = at_;
        const std::size_t end = file_.text.find('}', at_);
        if (peek(1) != '{' || end == std::string::npos || end >= part_.end) return dollar;
        const std::string name = file_.text.substr(dollar + 2, end - dollar - 2);
        if (name.find('\n') != std::string::npos) return dollar;
        put(dollar, name);
        return at_ = end + 1;
    }

    std::size_t shell() {
        const std::size_t dollar = at_;
        if (peek(1) == '$') {
            reading_.problem(file_, dollar, "$$ where variables are replaced",
                             "goose takes $$ for one dollar: write -- +goose ENVSUB OFF above");
            return at_ = dollar + 2;
        }
        const bool braced = peek(1) == '{';
        const std::size_t begin = dollar + (braced ? 2 : 1);
        if (begin >= part_.end || !is_letter(file_.text[begin])) return dollar;
        std::size_t end = begin;
        while (end < part_.end && is_name(file_.text[end])) ++end;
        const std::string name = file_.text.substr(begin, end - begin);
        if (!braced) {
            put(dollar, name);
            return at_ = end;
        }
        const std::size_t close = file_.text.find('}', end);
        if (close == std::string::npos || close >= part_.end) {
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
                         "only variables that are given to the migrations are replaced");
    }

    Reading& reading_;
    const SourceFile& file_;
    const Part& part_;
    ReplacedText& made_;
    std::size_t at_;
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
    Replacing(reading, file, part, made).run();
}

}  // namespace drydock::migrate
