#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/runbook/diagnostic.h"
#include "engine/runbook/runbook.h"
#include "engine/value.h"

// drydock.yaml: where things are, who may do what, and what differs between environments. Read once
// per command; plain values.
namespace drydock::config {

struct Environment {
    bool production = false;
    std::string env_file;  // absolute; empty: none
    runbook::Node::Map params;  // literal defaults, by param name
    bool lifts_window = false;               // `window: none`
    std::optional<runbook::Window> window;   // replaces the runbook's
};

struct Notification {
    runbook::SecretSource webhook;
    std::vector<std::string> when;  // waiting, stopped, succeeded, failed, undone, cancelled
};

// What `drydock migrate …` takes when its command line does not say otherwise.
struct Migrations {
    std::string folder;  // absolute; empty: the usual one
    std::string format;  // a tool's name; empty: told by looking
    Value variables;     // a map of texts; null: none
    std::string table;   // empty: the tool's usual one
    Value home_grown;    // a map as the actions of `migrate` take it; null: the table is a tool's
};

struct Settings {
    std::string path;     // of drydock.yaml, absolute; empty: there is none
    std::string folder;   // in which it stands
    std::string journal;  // "sqlite:/absolute/path" or "postgres://…"; empty: not said
    std::vector<std::string> runbooks;  // absolute folders
    std::vector<std::string> actions;   // absolute folders
    std::map<std::string, std::vector<std::string>, std::less<>> roles;  // who has each role
    std::map<std::string, Environment, std::less<>> environments;
    std::vector<Notification> notify;
    Migrations migrations;

    [[nodiscard]] std::vector<std::string> role_names() const;
};

struct SettingsResult {
    std::optional<Settings> settings;  // only when nothing is wrong
    runbook::Diagnostics diagnostics;
};

// The nearest drydock.yaml in `folder` or above it.
[[nodiscard]] std::optional<std::string> find_settings(const std::string& folder);

// `path`: absolute. A file that cannot be read is a diagnostic without a place.
[[nodiscard]] SettingsResult read_settings(const std::string& path);
[[nodiscard]] SettingsResult parse_settings(std::string_view text, const std::string& path);

// Throws Error{Usage} with the nearest name.
[[nodiscard]] const Environment& environment(const Settings& settings, std::string_view name);

}  // namespace drydock::config
