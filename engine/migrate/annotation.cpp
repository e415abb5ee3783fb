#include "engine/migrate/annotation.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/check.h"
#include "engine/migrate/formats.h"
#include "engine/sql/lexer.h"

namespace drydock::migrate {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view trimmed_end(std::string_view text) {
    return text.substr(0, text.find_last_not_of(" \t\r") + 1);
}

// Behind the last character before `at` that is no blank.
std::size_t after_last_letter(std::string_view text, std::size_t at) {
    const std::size_t letter = at == 0 ? text.npos : text.find_last_not_of(kBlanks, at - 1);
    return letter == text.npos ? 0 : letter + 1;
}

// The offset of the semicolon by which sql-migrate and goose end a statement with this line: the
// last word before `--` ends with one.
std::optional<std::size_t> cut_of_line(std::string_view line) {
    std::size_t at = 0;
    std::size_t last = std::string_view::npos;
    while ((at = line.find_first_not_of(" \t\r\v\f", at)) != std::string_view::npos) {
        const std::size_t end = std::min(line.find_first_of(" \t\r\v\f", at), line.size());
        if (line.substr(at, 2) == "--") break;
        last = end - 1;
        at = end;
    }
    if (last == std::string_view::npos || line[last] != ';') return std::nullopt;
    return last;
}

// Walks over the annotations of one file.
class SectionMaker {
  public:
    SectionMaker(Reading& reading, std::shared_ptr<const SourceFile> file, const Marking& marking)
        : reading_(reading), file_(std::move(file)), marking_(marking), at_(file_->begin()) {}

    // `annotations` are those of the file, and stay where they are.
    Migration make(const std::vector<Annotation>& annotations,
                   Request (*request_of)(const Annotation&)) {
        for (const Annotation& annotation : annotations) {
            if (annotation.indented) {
                problem(annotation, "an annotation that does not begin its line",
                        std::string(marking_.tool) + " does not see it: take the blanks away");
            }
            take(annotation, request_of(annotation));
        }
        close_part(file_->text.size());
        if (block_ != nullptr) {
            problem(*block_, "StatementBegin without StatementEnd",
                    "end it with -- " + std::string(marking_.marker) + " StatementEnd");
        }
        return finished();
    }

  private:
    enum class Where : std::uint8_t { Above, Up, Down };

    void problem(const Annotation& annotation, std::string message, std::string hint) {
        reading_.problem(*file_, annotation.mark, std::move(message), std::move(hint));
    }

    void take(const Annotation& annotation, const Request& request) {
        switch (request.verb) {
            case Verb::Up:
            case Verb::Down: return begin_section(annotation, request);
            case Verb::BlockBegin: return begin_block(annotation);
            case Verb::BlockEnd: return end_block(annotation);
            case Verb::NoTransaction: in_transaction_ = false; return;
            case Verb::VariablesOn:
            case Verb::VariablesOff:
                close_span(annotation.begin);
                at_ = annotation.end;
                variables_ = request.verb == Verb::VariablesOn ? Variables::Shell
                                                               : Variables::None;
                return;
            case Verb::Unknown: break;
        }
        problem(annotation, "an annotation that " + std::string(marking_.tool) + " does not know",
                "write one of " + std::string(marking_.known));
    }

    void begin_section(const Annotation& annotation, const Request& request) {
        const bool up = request.verb == Verb::Up;
        if (block_ != nullptr) {
            problem(*block_, "StatementBegin without StatementEnd",
                    "end it with -- " + std::string(marking_.marker) + " StatementEnd");
            block_ = nullptr;
        }
        close_part(annotation.begin);
        at_ = annotation.end;
        bool& has = up ? has_up_ : has_down_;
        if (has) {
            problem(annotation,
                    up ? "a second part that is applied" : "a second part that takes back",
                    "put both under one " + std::string(up ? marking_.up : marking_.down));
        }
        if (!up && !has_up_ && marking_.up_comes_first) {
            problem(annotation, "the part that takes back comes first",
                    "begin with " + std::string(marking_.up));
        }
        has = true;
        where_ = up ? Where::Up : Where::Down;
        (up ? up_head_ : down_head_) = annotation.begin;
        if (request.no_transaction) (up ? up_outside_ : down_outside_) = true;
    }

    void begin_block(const Annotation& annotation) {
        if (where_ == Where::Above || block_ != nullptr) {
            problem(annotation,
                    block_ != nullptr ? "StatementBegin within another"
                                      : "StatementBegin above " + std::string(marking_.up),
                    block_ != nullptr
                        ? "end the first with -- " + std::string(marking_.marker) + " StatementEnd"
                        : "move it below " + std::string(marking_.up));
            return;
        }
        close_part(annotation.begin);
        at_ = annotation.end;
        block_ = &annotation;
    }

    void end_block(const Annotation& annotation) {
        if (block_ == nullptr) {
            problem(annotation, "StatementEnd without StatementBegin",
                    "take it away, or begin with -- " + std::string(marking_.marker) +
                        " StatementBegin");
            return;
        }
        close_part(annotation.begin);
        at_ = annotation.end;
        block_ = nullptr;
    }

    void close_span(std::size_t end) {
        if (where_ == Where::Above) {
            refuse_statements_above(end);
        } else if (end > at_) {
            part_.spans.push_back({.begin = at_, .end = end, .variables = variables_});
        }
    }

    void close_part(std::size_t end) {
        close_span(end);
        if (part_.spans.empty()) return;
        part_.wants_semicolon = marking_.cuts_lines && block_ == nullptr;
        (where_ == Where::Up ? up_ : down_).push_back(std::exchange(part_, {}));
    }

    // Its tool leaves such a statement out, or refuses the file.
    void refuse_statements_above(std::size_t end) {
        if (told_above_ || end <= at_) return;
        const std::string_view text = std::string_view(file_->text).substr(at_, end - at_);
        const auto token = sql::Lexer(text, reading_.options().dialect).next();
        if (!token) return;
        told_above_ = true;
        reading_.problem(*file_, at_ + static_cast<std::size_t>(token->text.data() - text.data()),
                         "a statement above " + std::string(marking_.up),
                         "move it below that line");
    }

    Migration finished() {
        if (!has_up_) {
            reading_.problem(*file_, 0, "no part of it is applied",
                             "write " + std::string(marking_.up) + " above that part");
        }
        Migration made{.up = script(up_, up_head_, !up_outside_ && in_transaction_)};
        if (has_down_) made.down = script(down_, down_head_, !down_outside_ && in_transaction_);
        return made;
    }

    Script script(const std::vector<Part>& parts, std::size_t head, bool in_transaction) {
        Script made = make_script(reading_, file_, parts);
        made.in_transaction = in_transaction;
        if (parts.empty()) made.last_line = file_->place_of(head).line;
        made.first_line = file_->place_of(head).line;
        if (marking_.cuts_lines) note_cuts(made, parts);
        return made;
    }

    // Where its tool would cut a statement in two.
    void note_cuts(const Script& script, const std::vector<Part>& parts) {
        const Statement* told = nullptr;
        for (const Part& part : parts) {
            if (!part.wants_semicolon || !part.is_written()) continue;
            for (std::size_t at = part.begin(); at < part.end();) {
                const std::size_t end = std::min(file_->text.find('\n', at), part.end());
                const auto cut = cut_of_line(std::string_view(file_->text).substr(at, end - at));
                const Statement* const within = cut ? statement_at(script, at + *cut) : nullptr;
                if (within != nullptr && within != told) {
                    told = within;
                    reading_.note(*file_, at + *cut,
                                  std::string(marking_.tool) + " ends the statement here",
                                  "put -- " + std::string(marking_.marker) +
                                      " StatementBegin and StatementEnd around it");
                }
                at = end + 1;
            }
        }
    }

    static const Statement* statement_at(const Script& script, std::size_t offset) {
        const auto after =
            std::ranges::upper_bound(script.statements, offset, {}, &Statement::offset);
        if (after == script.statements.begin()) return nullptr;
        const Statement& found = *std::prev(after);
        return offset < found.offset + found.text.size() ? &found : nullptr;
    }

    Reading& reading_;
    std::shared_ptr<const SourceFile> file_;
    const Marking& marking_;
    std::size_t at_;  // where the span begins that is open
    Where where_ = Where::Above;
    const Annotation* block_ = nullptr;  // the StatementBegin that is open
    Part part_;                          // what of the open part is behind us
    Variables variables_ = Variables::None;
    bool in_transaction_ = true;
    bool told_above_ = false;
    bool has_up_ = false;
    bool has_down_ = false;
    bool up_outside_ = false;
    bool down_outside_ = false;
    std::size_t up_head_ = 0;
    std::size_t down_head_ = 0;
    std::vector<Part> up_;
    std::vector<Part> down_;
};

}  // namespace

std::vector<Annotation> annotations_of(const SourceFile& file, std::string_view marker) {
    std::vector<Annotation> found;
    const std::string_view text = file.text;
    for (std::size_t mark = text.find(marker); mark != text.npos;
         mark = text.find(marker, mark + marker.size())) {
        // Backwards from the marker: a line of a megabyte may have many.
        const std::size_t after_dashes = after_last_letter(text, mark);
        if (after_dashes < 2 || text.substr(after_dashes - 2, 2) != "--") continue;
        const std::size_t dashes = after_dashes - 2;
        const std::size_t begin = std::max(after_last_letter(text, dashes), file.begin());
        if (begin > file.begin() && text[begin - 1] != '\n') continue;
        const std::size_t line_end = std::min(text.find('\n', mark), text.size());
        const std::size_t from = mark + marker.size();
        // `-- migrate: run me first` is a comment; so is `-- +goosebumps`.
        const bool blank_behind = kBlanks.find(text.substr(from, 1)) != kBlanks.npos;
        const bool at_end = from >= line_end || text[from] == '\r';
        if (!at_end && blank_behind == marker.ends_with(':')) continue;
        std::string_view words = trimmed_end(text.substr(from, line_end - from));
        words.remove_prefix(std::min(words.find_first_not_of(kBlanks), words.size()));
        found.push_back({.begin = begin,
                         .mark = mark,
                         .end = std::min(line_end + 1, text.size()),
                         .words = words,
                         .indented = dashes > begin,
                         .spaced = text.substr(after_dashes, mark - after_dashes) == " "});
    }
    return found;
}

std::vector<std::string> annotated_files(Reading& reading, std::string_view marker) {
    std::vector<std::string> names;
    for (const Entry& entry : reading.entries()) {
        if (entry.is_folder || !entry.name.ends_with(kSql)) continue;
        const auto file = reading.load(entry.name);
        if (file != nullptr && !annotations_of(*file, marker).empty()) names.push_back(entry.name);
    }
    return names;
}

Migration read_annotated(Reading& reading, const std::string& name, const Marking& marking,
                         Request (*request_of)(const Annotation&)) {
    const auto file = reading.load(name);
    CHECK(file != nullptr);
    return SectionMaker(reading, file, marking)
        .make(annotations_of(*file, marking.marker), request_of);
}

}  // namespace drydock::migrate
