#include "engine/migrate/script.h"

#include <algorithm>
#include <cctype>
#include <functional>

#include "engine/migrate/directive.h"
#include "engine/migrate/variables.h"
#include "engine/sql/split.h"

namespace drydock::migrate {
namespace {

class ScriptMaker {
  public:
    ScriptMaker(Reading& reading, std::shared_ptr<const SourceFile> file)
        : reading_(reading) {
        script_.file = std::move(file);
    }

    Script make(const std::vector<Part>& parts) {
        // The replaced text must be whole before views point into it.
        std::vector<std::size_t> ends;
        ReplacedText replaced;
        for (const Part& part : parts) {
            if (!part.is_written()) replace_variables(reading_, *script_.file, part, replaced);
            ends.push_back(replaced.text.size());
        }
        if (!replaced.text.empty())
            script_.replaced = std::make_shared<const std::string>(std::move(replaced.text));
        std::size_t begin = 0;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (parts[i].is_written()) {
                add_written(parts[i]);
                note_unended(parts[i]);
            } else if (script_.replaced != nullptr) {
                const std::string_view text =
                    std::string_view(*script_.replaced).substr(begin, ends[i] - begin);
                add(text, [&, begin](std::size_t at) { return replaced.in_file(begin + at); });
            }
            begin = ends[i];
        }
        set_lines(parts);
        read_directives(reading_, script_, parts);
        return std::move(script_);
    }

  private:
    void add_written(const Part& part) {
        const std::string_view text =
            std::string_view(script_.file->text).substr(part.begin(), part.end() - part.begin());
        add(text, [from = part.begin()](std::size_t at) { return from + at; });
    }

    // Adds the statements of `text`, whose byte `at` stands in the file at in_file(at).
    void add(std::string_view text, const std::function<std::size_t(std::size_t)>& in_file) {
        sql::SplitText found = sql::split_file(text, reading_.options().dialect);
        for (sql::SplitProblem& problem : found.problems) {
            reading_.problem(*script_.file, in_file(problem.offset), std::move(problem.message),
                             std::move(problem.hint));
        }
        for (sql::FileStatement& statement : found.statements) {
            const auto at = static_cast<std::size_t>(statement.text.data() - text.data());
            const std::size_t offset = in_file(at);
            const std::size_t limit = reading_.options().most_statement_bytes;
            if (statement.text.size() > limit) {
                reading_.problem(*script_.file, offset,
                                 "the statement has more than " + std::to_string(limit) +
                                     " bytes",
                                 "cut it into several, or bring its rows by copy … from stdin");
            }
            script_.statements.push_back({.text = statement.text,
                                          .offset = offset,
                                          .place = script_.file->place_of(offset),
                                          .tokens = std::move(statement.tokens),
                                          .data = statement.data});
            last_ended_ = statement.ended;
        }
    }

    void note_unended(const Part& part) {
        if (!part.wants_semicolon || last_ended_) return;
        const Statement& last = script_.statements.back();
        reading_.note(*script_.file, last.offset,
                      "its tool refuses a last statement without a semicolon", "end it with ;");
        last_ended_ = true;
    }

    void set_lines(const std::vector<Part>& parts) {
        if (parts.empty()) return;
        script_.first_line = script_.file->place_of(parts.front().begin()).line;
        const std::size_t end = parts.back().end();
        const std::size_t last = end > parts.back().begin() ? end - 1 : end;
        script_.last_line = script_.file->place_of(last).line;
    }

    Reading& reading_;
    Script script_;
    bool last_ended_ = true;
};

}  // namespace

Script make_script(Reading& reading, std::shared_ptr<const SourceFile> file,
                   const std::vector<Part>& parts) {
    return ScriptMaker(reading, std::move(file)).make(parts);
}

Script make_script(Reading& reading, std::shared_ptr<const SourceFile> file) {
    const Part whole{.spans = {{.begin = file->begin(), .end = file->text.size()}}};
    return make_script(reading, std::move(file), {whole});
}

}  // namespace drydock::migrate
