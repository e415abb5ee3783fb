#pragma once

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "engine/runbook/diagnostic.h"
#include "engine/value.h"

// The documents of this project, and how the reader and a schema see each of them.
namespace drydock::handbook {

struct Written {
    std::string name;  // of the file, without .yaml
    std::string kind;  // "runbook", "cases", "settings"
    std::string text;
};

inline void PrintTo(const Written& document, std::ostream* out) {
    *out << document.name;
}

// Every document that is right: shipped runbooks, drafts, examples, those of the handbooks.
[[nodiscard]] std::vector<Written> sound_documents();
// tests/runbook/broken: each is wrong in the way that its name says.
[[nodiscard]] std::vector<Written> broken_documents();

// What the reader finds, as `drydock check` does, with the shipped actions.
[[nodiscard]] runbook::Diagnostics read(const Written& document);
// What it finds without looking at names and scripts: keys and the forms of values.
[[nodiscard]] runbook::Diagnostics read_keys(const Written& document);

// The document as other programs see it (YAML's core schema); nullopt: it is no YAML of ours.
[[nodiscard]] std::optional<Value> core_value(const std::string& text);
// What is wrong with each document by its schema; empty: nothing. Documents that are no YAML of
// ours say so. Asks Python's jsonschema.
[[nodiscard]] std::vector<std::string> ask_schema(const std::vector<Written>& documents);

[[nodiscard]] std::filesystem::path project();
[[nodiscard]] std::string content(const std::filesystem::path& path);

}  // namespace drydock::handbook
