#include <utility>

#include "engine/cli/run_report.h"
#include "engine/cli/text.h"
#include "engine/execute/requests.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

Style style_of(const RunReport& report) {
    if (report.headline == "SUCCEEDED") return Style::Green;
    if (report.headline == "STOPPED" || report.headline == "FAILED") return Style::Red;
    return Style::Yellow;
}

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
    std::string out;
    for (const std::string& text : texts) {
        if (!out.empty()) out += between;
        out += text;
    }
    return out;
}

void print_items(Output& output, const std::string& lead, const std::vector<std::string>& items,
                 std::string_view between) {
    for (const std::string& line : laid_out(lead, items, between, output.width()))
        output.line(line);
}

void print_words(Output& output, const std::string& lead, const std::string& text) {
    for (const std::string& line : wrapped(lead, text, output.width())) output.line(line);
}

std::string headline_of(const RunReport& report) {
    std::string line;
    if (!report.at.empty()) {
        line += " at " + report.at;
        if (report.total > 0)
            line +=
                " (" + std::to_string(report.number) + " of " + std::to_string(report.total) + ")";
    } else {
        line += " " + report.runbook;
    }
    if (!report.environment.empty()) line += ", " + report.environment;
    if (report.ended > 0) {
        line += ", " + moment(report.ended, report.now) + " after " +
                span(report.ended - report.created);
    } else {
        line += ", since " + moment(report.since, report.now);
    }
    if (report.due > 0 && report.ended == 0) line += ", until " + moment(report.due, report.now);
    return line + ".";
}

void print_gate(Output& output, const RunReport::Gate& gate) {
    std::string who = gate.by.empty() ? std::string() : "by: " + gate.by;
    if (gate.need > 1)
        who += (who.empty() ? "" : ", ") + std::to_string(gate.approved.size()) + " of " +
               std::to_string(gate.need);
    if (!gate.approved.empty())
        who += (who.empty() ? "approved by " : ", approved by ") + joined(gate.approved, ", ");
    // Its lines are its author's; each is folded for itself.
    std::string rest = gate.prompt;
    while (!rest.empty() && rest.back() == '\n') rest.pop_back();
    rest += who.empty() ? "" : "  [" + who + "]";
    for (bool more = true; more;) {
        const std::size_t end = rest.find('\n');
        more = end != std::string::npos;
        print_words(output, "  ", rest.substr(0, end));
        if (more) rest.erase(0, end + 1);
    }
    for (const RunReport::GateItem& item : gate.items) {
        const std::string mark = !item.holds ? "sign" : *item.holds ? "holds" : "fails";
        const std::string text = item.text + (item.said.empty() ? "" : ": " + item.said);
        print_words(output, "  " + std::to_string(item.n) + " [" + mark + "] ", text);
    }
    for (const auto& [name, description] : gate.form) {
        print_words(output, "  -a " + name + "=…  ", description);
    }
}

}  // namespace

void print(Output& output, const RunReport& report) {
    const std::string line = headline_of(report);
    const std::string id = "  run " + run::short_id(report.run);
    output.line(output.styled(style_of(report), report.headline) + line + id);
    if (!report.in_effect.empty() && report.headline != "SUCCEEDED" &&
        report.headline != "RUNNING") {
        print_items(output, "  in effect: ", report.in_effect, ", ");
    }
    if (!report.given_up.empty()) print_items(output, "  undo given up: ", report.given_up, ", ");
    if (report.owner) {
        output.line("  on " + report.owner->host + ", pid " + std::to_string(report.owner->pid) +
                    ", since " + moment(report.owner->since, report.now));
    } else if (report.status == "running") {
        print_words(
            output, "  ",
            "its process is gone: what it had done durably stands, the rest goes on with resume");
    }
    if (!report.error.empty()) {
        print_words(output, "  ", report.error);
        output.line("  " + output.styled(Style::Dim, report.place));
    }
    if (!report.hint.empty()) print_words(output, "  hint: ", report.hint);
    if (report.gate) print_gate(output, *report.gate);
    if (!report.help.empty()) print_words(output, "  help: ", report.help);
    if (!report.contact.empty()) print_words(output, "  call: ", report.contact);
    for (const auto& [name, value] : report.outputs) {
        if (!value.is_null()) output.line("  " + name + ": " + fitted(to_text(value), 1'000));
    }
    if (!report.next.empty()) print_items(output, "  next: ", report.next, " · ");
}

void print_steps(Output& output, const RunReport& report) {
    Table table{.head = {"#", "step", "status", "took", "what"}, .rows = {}, .flexible = 4};
    std::size_t number = 0;
    for (const RunReport::Step& step : report.steps) {
        const bool over = step.started > 0 && step.finished >= step.started;
        table.rows.push_back({std::to_string(++number), step.id, step.status,
                              over ? span(step.finished - step.started) : "", step.title});
    }
    for (const std::string& line : lines_of(table, output.width())) output.line(line);
}

Value::Map to_map(const RunReport& report) {
    const auto list = [](const std::vector<std::string>& texts) {
        return Value(Value::List(texts.begin(), texts.end()));
    };
    const auto time = [](std::int64_t micros) {
        return micros > 0 ? Value(Timestamp{micros}) : Value();
    };
    Value::Map map{{"run", report.run},
                   {"runbook", report.runbook},
                   {"environment", report.environment},
                   {"starter", report.starter},
                   {"status", report.status},
                   {"why", report.why},
                   {"at", report.at},
                   {"created", time(report.created)},
                   {"since", time(report.since)},
                   {"due", time(report.due)},
                   {"ended", time(report.ended)},
                   {"in_effect", list(report.in_effect)},
                   {"next", list(report.next)},
                   {"outputs", report.outputs},
                   {"headline", report.headline}};
    if (report.ended > 0) map.emplace("exit", report.exit);
    if (!report.given_up.empty()) map.emplace("undo_given_up", list(report.given_up));
    if (!report.error.empty())
        map.emplace(
            "error",
            Value::Map{{"message", report.error}, {"hint", report.hint}, {"place", report.place}});
    if (!report.help.empty()) map.emplace("help", report.help);
    if (!report.contact.empty()) map.emplace("contact", report.contact);
    if (report.owner)
        map.emplace("owner", Value::Map{{"host", report.owner->host},
                                        {"pid", report.owner->pid},
                                        {"since", time(report.owner->since)}});
    if (report.gate) {
        Value::List items;
        for (const auto& item : report.gate->items) {
            items.emplace_back(Value::Map{{"n", item.n},
                                          {"text", item.text},
                                          {"holds", item.holds ? Value(*item.holds) : Value()},
                                          {"said", item.said}});
        }
        Value::Map form(report.gate->form.begin(), report.gate->form.end());
        map.emplace("gate", Value::Map{{"prompt", report.gate->prompt},
                                       {"by", report.gate->by},
                                       {"need", report.gate->need},
                                       {"approved", list(report.gate->approved)},
                                       {"items", std::move(items)},
                                       {"form", std::move(form)}});
    }
    Value::List steps;
    for (const RunReport::Step& step : report.steps) {
        steps.emplace_back(Value::Map{{"id", step.id},
                                      {"status", step.status},
                                      {"started", time(step.started)},
                                      {"finished", time(step.finished)},
                                      {"attempts", step.attempts}});
    }
    map.emplace("steps", std::move(steps));
    return map;
}

}  // namespace drydock::cli
