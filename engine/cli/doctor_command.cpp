// doctor: whether everything is as a run needs it, and what to do where it is not.

#include <algorithm>

#include "engine/cli/commands.h"
#include "engine/cli/doctor.h"
#include "engine/cli/text.h"

namespace drydock::cli {
namespace {

std::string_view name_of(State state) {
    switch (state) {
        case State::Ok: return "ok";
        case State::Warning: return "warning";
        case State::Problem: break;
    }
    return "problem";
}

Style style_of(State state) {
    if (state == State::Ok) return Style::Green;
    return state == State::Warning ? Style::Yellow : Style::Red;
}

void print(Output& output, const Finding& finding) {
    const std::string lead = padded(name_of(finding.state), 8);
    std::vector<std::string> lines =
        wrapped(lead, finding.topic + ": " + finding.text, output.width());
    lines.front() =
        output.styled(style_of(finding.state), lead) + lines.front().substr(lead.size());
    for (const std::string& line : lines) output.line(line);
    if (finding.next.empty()) return;
    for (const std::string& line :
         wrapped(std::string(lead.size(), ' ') + "next: ", finding.next, output.width()))
        output.line(line);
}

}  // namespace

void Findings::ok(std::string_view topic, std::string text) {
    all_.push_back({std::string(topic), State::Ok, std::move(text), {}});
}
void Findings::warning(std::string_view topic, std::string text, std::string next) {
    all_.push_back({std::string(topic), State::Warning, std::move(text), std::move(next)});
}
void Findings::problem(std::string_view topic, std::string text, std::string next) {
    all_.push_back({std::string(topic), State::Problem, std::move(text), std::move(next)});
}
void Findings::problem(std::string_view topic, const Error& error) {
    problem(topic, error.message(), error.hint());
}

bool Findings::sound() const {
    return std::ranges::find(all_, State::Problem, &Finding::state) == all_.end();
}

int doctor_command(Assembly& assembly, const Arguments&) {
    Findings findings;
    look_at_program(assembly, findings);
    look_at_settings(assembly, findings);
    look_at_journal(assembly, findings);
    look_at_terminal(assembly, findings);
    Output& output = assembly.output();
    for (const Finding& finding : findings.all()) {
        if (output.json()) {
            output.json_line(Value::Map{{"topic", finding.topic},
                                        {"state", name_of(finding.state)},
                                        {"text", finding.text},
                                        {"next", finding.next}});
        } else if (!output.quiet() || finding.state != State::Ok) {
            print(output, finding);
        }
    }
    return findings.sound() ? 0 : 1;
}

}  // namespace drydock::cli
