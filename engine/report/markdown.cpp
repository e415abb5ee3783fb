#include "engine/report/escape.h"
#include "engine/report/history.h"

namespace drydock::report {
namespace {

// Backslashes before dots and dashes everywhere make a source hard to read: what we wrote ourselves
// goes in as it is, what users wrote through markdown_text().
class MarkdownWriter final {
  public:
    explicit MarkdownWriter(const History& history) : history_(history) {}

    std::string write() {
        head();
        values("Params", history_.params);
        values("Outputs", history_.outputs);
        steps();
        details();
        deeds();
        audit();
        return std::move(out_);
    }

  private:
    void line(const std::string& text) { out_ += text + "\n"; }
    static std::string safe(const std::string& text) { return markdown_text(text); }
    [[nodiscard]] std::string at(std::int64_t micros) const {
        return moment(micros, history_.created);
    }

    void head() {
        line("# " + history_.headline + " " + safe(history_.runbook));
        line("");
        if (!history_.title.empty()) {
            line(safe(history_.title));
            line("");
        }
        line("| | |");
        line("|---|---|");
        line("| run | " + history_.run + " |");
        if (!history_.environment.empty())
            line("| environment | " + safe(history_.environment) +
                 (history_.production ? " (production)" : "") + " |");
        line("| started | " + moment(history_.created) + " " + zone(history_.created) + " by " +
             safe(history_.starter) + " |");
        if (history_.ended > 0)
            line("| ended | " + at(history_.ended) + " after " +
                 span(history_.ended - history_.created) + " |");
        if (!history_.standing.empty()) line("| stands at | " + safe(history_.standing) + " |");
        list("in effect", history_.in_effect);
        fact("error", history_.error);
        fact("hint", history_.hint);
        fact("help", history_.help);
        fact("call", history_.contact);
        list("next", history_.next);
        line("");
    }

    void fact(const std::string& name, const std::string& text) {
        if (!text.empty()) line("| " + name + " | " + safe(text) + " |");
    }
    void list(const std::string& name, const std::vector<std::string>& texts) {
        std::string joined;
        for (const std::string& text : texts) joined += (joined.empty() ? "" : "<br>") + safe(text);
        if (!joined.empty()) line("| " + name + " | " + joined + " |");
    }

    void values(const std::string& title,
                const std::vector<std::pair<std::string, std::string>>& pairs) {
        if (pairs.empty()) return;
        line("## " + title);
        line("");
        line("| name | value |");
        line("|---|---|");
        for (const auto& [name, value] : pairs)
            line("| " + safe(name) + " | " + safe(value) + " |");
        line("");
    }

    void steps() {
        line("## Steps");
        line("");
        line("| step | status | began | took | attempts | what |");
        line("|---|---|---|---|---|---|");
        for (const Step& step : history_.steps) {
            const bool over = step.began > 0 && step.ended >= step.began;
            line("| " + safe(step.id) + " | " + safe(step.status) + " | " +
                 (step.began > 0 ? at(step.began) : "") + " | " +
                 (over ? span(step.ended - step.began) : "") + " | " +
                 (step.attempts.empty() ? "" : std::to_string(step.attempts.size())) + " | " +
                 safe(step.title.empty() ? step.remark : step.title) + " |");
        }
        if (history_.omitted_items > 0)
            line("\nand " + std::to_string(history_.omitted_items) + " more items of lists");
        line("");
    }

    static bool telling(const Step& step) {
        return !step.output.empty() || !step.gates.empty() || step.attempts.size() > 1 ||
               !step.receipts.empty() ||
               (!step.attempts.empty() && !step.attempts[0].error.empty());
    }

    void details() {
        for (const Step& step : history_.steps) {
            if (!telling(step)) continue;
            line("### " + safe(step.id) + (step.title.empty() ? "" : ": " + safe(step.title)));
            line("");
            if (!step.remark.empty()) line("- " + safe(step.remark));
            for (const Gate& one : step.gates) gate(one);
            const bool told = step.attempts.size() > 1 ||
                              (!step.attempts.empty() && !step.attempts[0].error.empty());
            for (const Attempt& one : step.attempts) {
                if (told) attempt(one);
            }
            for (const std::string& receipt : step.receipts) line("- receipt: " + safe(receipt));
            for (const auto& [name, value] : step.output)
                line("- " + safe(name) + ": " + safe(value));
            line("");
        }
    }

    void attempt(const Attempt& one) {
        std::string text = "- attempt " + std::to_string(one.n) + ", " + at(one.began);
        if (one.ended >= one.began) text += ", " + span(one.ended - one.began);
        text += ": " + safe(one.outcome.empty() ? "runs" : one.outcome);
        if (!one.error.empty()) text += ": " + safe(one.error);
        if (!one.hint.empty()) text += " (" + safe(one.hint) + ")";
        line(text);
    }

    void gate(const Gate& one) {
        line("- asked at " + at(one.opened) + ": " + safe(one.prompt));
        if (!one.by.empty())
            line("- by: " + safe(one.by) +
                 (one.need > 1 ? ", " + std::to_string(one.need) + " people" : ""));
        for (const auto& [text, found] : one.items) line("- [" + safe(found) + "] " + safe(text));
        for (const Answer& answer : one.answers) {
            std::string text = "- " + safe(answer.verdict) + " at " + at(answer.at);
            if (!answer.who.empty()) text += " by " + safe(answer.who);
            if (!answer.comment.empty()) text += ": " + safe(answer.comment);
            line(text);
            for (const std::string& item : answer.signed_items) line("  - signed: " + safe(item));
            for (const auto& [name, value] : answer.form)
                line("  - " + safe(name) + ": " + safe(value));
        }
    }

    void deeds() {
        line("## Who and when");
        line("");
        line("| when | who | what |");
        line("|---|---|---|");
        for (const Deed& deed : history_.deeds)
            line("| " + at(deed.at) + " | " + safe(deed.who) + " | " + safe(deed.what) + " |");
        line("");
    }

    void audit() {
        line("## Audit");
        line("");
        line("- " + std::to_string(history_.events) + " events, the last line's digest `" +
             history_.head + "`");
        line("- plan `" + history_.plan + "`, " + safe(history_.engine));
        line("- `drydock audit export " + history_.run + "` writes them all");
    }

    const History& history_;
    std::string out_;
};

}  // namespace

std::string to_markdown(const History& history) {
    return MarkdownWriter(history).write();
}

}  // namespace drydock::report
