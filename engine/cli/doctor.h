#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cli/assemble.h"

// What `drydock doctor` looks at, one finding per line. Looks only: it makes, changes and removes
// nothing, and whatever cannot be looked at is a finding too.
namespace drydock::cli {

enum class State : std::uint8_t { Ok, Warning, Problem };

struct Finding {
    std::string topic;  // "journal", "locks", "clock"
    State state = State::Ok;
    std::string text;
    std::string next;  // a command, or what to do; empty: nothing
};

class Findings final {
  public:
    void ok(std::string_view topic, std::string text);
    void warning(std::string_view topic, std::string text, std::string next);
    void problem(std::string_view topic, std::string text, std::string next);
    // What an error says, as a problem.
    void problem(std::string_view topic, const Error& error);

    [[nodiscard]] const std::vector<Finding>& all() const noexcept { return all_; }
    [[nodiscard]] bool sound() const;

  private:
    std::vector<Finding> all_;
};

// Versions, settings, environments, runbooks of our own, terminal.
void look_at_program(Assembly& assembly, Findings& findings);
void look_at_settings(Assembly& assembly, Findings& findings);
void look_at_terminal(Assembly& assembly, Findings& findings);
// The journal: its folder and files, what is in it, runs, locks, requests, the clock.
void look_at_journal(Assembly& assembly, Findings& findings);

}  // namespace drydock::cli
