#include <fmt/format.h>

#include <algorithm>

#include "engine/report/escape.h"
#include "engine/report/history.h"
#include "engine/report/style.h"

namespace drydock::report {
namespace {

std::string safe(const std::string& text) {
    return html_text(text);
}

std::string tag(std::string_view name, const std::string& inner, std::string_view classes = {}) {
    const std::string attribute =
        classes.empty() ? std::string() : " class=\"" + std::string(classes) + "\"";
    return "<" + std::string(name) + attribute + ">" + inner + "</" + std::string(name) + ">";
}

// Which colour a status has.
std::string_view tone_of(std::string_view status) {
    if (status == "succeeded" || status == "SUCCEEDED" || status == "approved") return "good";
    if (status == "failed" || status == "unknown" || status == "FAILED" || status == "STOPPED" ||
        status == "rejected")
        return "bad";
    if (status == "pending" || status == "skipped") return "quiet";
    return "odd";
}

class HtmlWriter final {
  public:
    explicit HtmlWriter(const History& history)
        : history_(history),
          begin_(history.created),
          length_(std::max<std::int64_t>(history.until - history.created, 1)) {}

    std::string write() {
        const std::string title = history_.headline + " " + history_.runbook;
        out_ += "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
        out_ += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
        // Were a text to slip through as markup, it still could load and run nothing.
        out_ +=
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "style-src 'unsafe-inline'\">\n";
        out_ += "<meta name=\"color-scheme\" content=\"light dark\">\n";
        out_ += tag("title", safe(title)) + "\n<style>" + std::string(kStyle) + "</style>\n";
        out_ += "</head>\n<body>\n<main>\n";
        head();
        values("Params", history_.params);
        values("Outputs", history_.outputs);
        steps();
        deeds();
        audit();
        out_ += "</main>\n</body>\n</html>\n";
        return std::move(out_);
    }

  private:
    void line(const std::string& text) { out_ += text + "\n"; }
    [[nodiscard]] std::string at(std::int64_t micros) const {
        return moment(micros, history_.created);
    }

    void head() {
        line(tag("h1", tag("span", safe(history_.headline),
                           "state " + std::string(tone_of(history_.headline))) +
                           " " + safe(history_.runbook)));
        if (!history_.title.empty()) line(tag("p", safe(history_.title), "title"));
        line("<dl>");
        fact("run", history_.run);
        if (!history_.environment.empty())
            fact("environment",
                 history_.environment + (history_.production ? " (production)" : ""));
        fact("started",
             moment(history_.created) + " " + zone(history_.created) + " by " + history_.starter);
        if (history_.ended > 0)
            fact("ended", at(history_.ended) + " after " + span(history_.ended - history_.created));
        fact("stands at", history_.standing);
        facts("in effect", history_.in_effect);
        fact("error", history_.error);
        fact("hint", history_.hint);
        fact("help", history_.help);
        fact("call", history_.contact);
        facts("next", history_.next);
        line("</dl>");
    }

    void fact(const std::string& name, const std::string& text) {
        if (!text.empty()) line(tag("dt", name) + tag("dd", safe(text)));
    }
    void facts(const std::string& name, const std::vector<std::string>& texts) {
        std::string inner;
        for (const std::string& text : texts) inner += tag("dd", safe(text));
        if (!inner.empty()) line(tag("dt", name) + inner);
    }

    void values(const std::string& title,
                const std::vector<std::pair<std::string, std::string>>& pairs) {
        if (pairs.empty()) return;
        line(tag("h2", title) + "\n<dl class=\"values\">");
        for (const auto& [name, value] : pairs)
            line(tag("dt", safe(name)) + tag("dd", safe(value)));
        line("</dl>");
    }

    // --- steps, on a line of time ---

    [[nodiscard]] std::string bar(std::int64_t from, std::int64_t to, std::string_view tone) const {
        const auto part = [this](std::int64_t micros) {
            return 100.0 * static_cast<double>(micros) / static_cast<double>(length_);
        };
        const double left = std::clamp(part(from - begin_), 0.0, 99.5);
        const double width = std::clamp(part(to - from), 0.5, 100.0 - left);
        return fmt::format("<i class=\"{}\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>", tone, left,
                           width);
    }

    [[nodiscard]] std::string bars(const Step& step) const {
        std::string all;
        for (const Gate& gate : step.gates)
            all += bar(gate.opened, step.ended > 0 ? step.ended : history_.until, "odd");
        for (const Attempt& attempt : step.attempts) {
            const std::int64_t end = attempt.ended > 0 ? attempt.ended : history_.until;
            all += bar(attempt.began, end, tone_of(attempt.outcome));
        }
        if (all.empty() && step.began > 0)
            all = bar(step.began, std::max(step.ended, step.began), tone_of(step.status));
        return tag("div", all, "track");
    }

    void steps() {
        line(tag("h2", "Steps"));
        line(tag("p", "from " + moment(begin_) + " to " + at(history_.until) + ", " + span(length_),
                 "quiet"));
        std::string part = "steps";
        for (const Step& one : history_.steps) {
            if (one.part != part) line(tag("h3", safe(one.part)));
            part = one.part;
            step(one);
        }
        if (history_.omitted_items > 0)
            line(tag("p", "and " + std::to_string(history_.omitted_items) + " more items of lists",
                     "quiet"));
    }

    void step(const Step& one) {
        const bool over = one.began > 0 && one.ended >= one.began;
        std::string when = one.began > 0 ? at(one.began) : "";
        if (over) when += ", " + span(one.ended - one.began);
        if (one.attempts.size() > 1)
            when += ", " + std::to_string(one.attempts.size()) + " attempts";
        line("<section>");
        line(tag("header",
                 tag("b", safe(one.id)) + " " +
                     tag("span", safe(one.status), "state " + std::string(tone_of(one.status))) +
                     " " + tag("span", safe(when), "quiet")));
        if (one.began > 0) line(bars(one));
        if (!one.title.empty()) line(tag("p", safe(one.title)));
        if (!one.remark.empty()) line(tag("p", safe(one.remark), "quiet"));
        for (const Gate& asked : one.gates) gate(asked);
        attempts(one);
        results(one);
        line("</section>");
    }

    void attempts(const Step& step) {
        std::string rows;
        for (const Attempt& one : step.attempts) {
            if (step.attempts.size() == 1 && one.error.empty()) continue;
            std::string text = "attempt " + std::to_string(one.n) + ", " + at(one.began) + ": " +
                               (one.outcome.empty() ? "runs" : one.outcome);
            if (!one.error.empty()) text += ": " + one.error;
            rows +=
                tag("li", safe(text) +
                              (one.hint.empty() ? "" : " " + tag("span", safe(one.hint), "quiet")));
        }
        if (!rows.empty()) line(tag("ul", rows));
    }

    void results(const Step& step) {
        std::string rows;
        for (const auto& [name, value] : step.output)
            rows += tag("dt", safe(name)) + tag("dd", safe(value));
        for (const std::string& receipt : step.receipts)
            rows += tag("dt", "receipt") + tag("dd", safe(receipt));
        if (!rows.empty()) line(tag("dl", rows, "values"));
    }

    void gate(const Gate& one) {
        std::string who = one.by.empty() ? "" : "by " + one.by;
        if (one.need > 1) who += ", " + std::to_string(one.need) + " people";
        line(tag("blockquote", safe(one.prompt) + " " + tag("span", safe(who), "quiet")));
        std::string rows;
        for (const auto& [text, found] : one.items)
            rows += tag("li", tag("span", safe(found), "quiet") + " " + safe(text));
        for (const Answer& answer : one.answers) {
            std::string said = answer.verdict + (answer.who.empty() ? "" : " by " + answer.who) +
                               ", " + at(answer.at);
            if (!answer.comment.empty()) said += ": " + answer.comment;
            std::string inner = tag("b", safe(said));
            for (const std::string& item : answer.signed_items)
                inner += tag("div", safe("signed: " + item));
            for (const auto& [name, value] : answer.form)
                inner += tag("div", safe(name + ": " + value));
            rows += tag("li", inner);
        }
        if (!rows.empty()) line(tag("ul", rows));
    }

    void deeds() {
        line(tag("h2", "Who and when") + "\n<table>");
        for (const Deed& deed : history_.deeds)
            line(tag("tr", tag("td", at(deed.at), "when") + tag("td", safe(deed.who)) +
                               tag("td", safe(deed.what))));
        line("</table>");
    }

    void audit() {
        line(tag("h2", "Audit") + "\n<dl class=\"values\">");
        fact("events", std::to_string(history_.events));
        fact("last line", history_.head);
        fact("plan", history_.plan);
        fact("written by", history_.engine);
        fact("all of it", "drydock audit export " + history_.run);
        line("</dl>");
    }

    const History& history_;
    std::int64_t begin_, length_;
    std::string out_;
};

}  // namespace

std::string to_html(const History& history) {
    return HtmlWriter(history).write();
}

}  // namespace drydock::report
