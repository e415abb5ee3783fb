#include "tests/handbook/documents.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>

#include "bindings/inspector.h"
#include "engine/cases/reader.h"
#include "engine/config/settings.h"
#include "engine/json/json.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/read.h"
#include "engine/runbook/reader.h"
#include "runbooks/shipped.h"

namespace drydock::handbook {
namespace {

namespace fs = std::filesystem;
using runbook::SourceNode;

Value core_value(const SourceNode& node) {
    if (node.is_list()) {
        Value::List list;
        for (const SourceNode& item : node.items) list.push_back(core_value(item));
        return list;
    }
    if (node.is_map()) {
        Value::Map map;
        for (const SourceNode::Member& member : node.members)
            map.emplace(member.key, core_value(member.value));
        return map;
    }
    return runbook::read_core({node.text, node.style == runbook::ScalarStyle::Plain});
}

// By its first key; nullopt: neither.
std::optional<std::string> kind_of(const std::string& text) {
    runbook::Report report("", text);
    const auto root = runbook::parse_source(text, report);
    if (!root || !root->is_map() || root->members.empty()) return std::nullopt;
    for (const char* kind : {"runbook", "cases"}) {
        if (root->members.front().key == kind) return kind;
    }
    for (const char* key : {"journal", "roles", "environments"}) {
        if (root->find(key) != nullptr) return "settings";
    }
    return std::nullopt;
}

// Cases of a runbook with the one step `one`.
runbook::Diagnostics read_cases(const std::string& text) {
    bindings::Inspector inspector;
    const runbook::ModuleLibrary none;
    return cases::read_cases(
               {.path = "cases.yaml",
                .text = text,
                .folder = "/srv",
                .read_runbook =
                    [&](const std::string&) {
                        return runbook::read_runbook(
                            {.path = "runbook.yaml",
                             .text = "runbook: cased\nsteps: [{id: one, lua: return}]\n",
                             .modules = none,
                             .inspector = inspector});
                    },
                .inspector = inspector,
                .roles = {},
                .environments = {}})
        .diagnostics;
}

// The blocks of a document that are files: ```yaml file=NAME.
void add_blocks(const fs::path& path, std::vector<Written>& into) {
    std::istringstream lines(content(path));
    std::string name, text;
    for (std::string line; std::getline(lines, line);) {
        constexpr std::string_view kFence = "```yaml file=";
        if (line.starts_with(kFence)) {
            name = line.substr(kFence.size());
            text.clear();
        } else if (line.starts_with("```") && !name.empty()) {
            if (const auto kind = kind_of(text)) into.push_back({name, *kind, text});
            name.clear();
        } else {
            text += line + "\n";
        }
    }
}

}  // namespace

fs::path project() {
    return DRYDOCK_SOURCE;
}

std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Written> sound_documents() {
    std::vector<Written> found;
    for (const auto& shipped : runbooks::shipped_runbooks()) {
        const std::string name(shipped.name);
        found.push_back({name, "runbook", std::string(shipped.text)});
        if (!shipped.cases.empty())
            found.push_back({name + " cases", "cases", std::string(shipped.cases)});
    }
    for (const char* folder : {"tests/runbook/drafts", "tests/crash", "tests/cases", "examples"}) {
        if (!fs::exists(project() / folder)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(project() / folder)) {
            if (entry.path().extension() != ".yaml") continue;
            const std::string text = content(entry.path());
            if (const auto kind = kind_of(text))
                found.push_back({entry.path().stem(), *kind, text});
        }
    }
    add_blocks(project() / "README.md", found);
    for (const auto& entry : fs::directory_iterator(project() / "docs")) {
        if (entry.path().extension() == ".md") add_blocks(entry.path(), found);
    }
    return found;
}

std::vector<Written> broken_documents() {
    std::vector<Written> found;
    for (const auto& entry : fs::directory_iterator(project() / "tests/runbook/broken")) {
        if (entry.path().extension() != ".yaml") continue;
        const std::string name = entry.path().stem();
        const std::string kind = name.starts_with("settings_") ? "settings"
                                 : name.starts_with("cases_")  ? "cases"
                                                               : "runbook";
        found.push_back({name, kind, content(entry.path())});
    }
    std::ranges::sort(found, {}, &Written::name);
    return found;
}

runbook::Diagnostics read(const Written& document) {
    const std::string path = document.name + ".yaml";
    if (document.kind == "settings")
        return config::parse_settings(document.text, "/srv/" + path).diagnostics;
    if (document.kind == "cases") return read_cases(document.text);
    runbook::ModuleLibrary modules;
    for (const auto& module : runbooks::shipped_modules())
        modules.add_shipped(std::string(module.name), std::string(module.text));
    bindings::Inspector inspector;
    return runbook::read_runbook(
               {.path = path, .text = document.text, .modules = modules, .inspector = inspector})
        .diagnostics;
}

runbook::Diagnostics read_keys(const Written& document) {
    if (document.kind == "settings") return read(document);
    // What cases name is in another file; that they are right is for the tests that run them.
    if (document.kind == "cases") return {};
    runbook::Report report(document.name, document.text);
    if (const auto root = runbook::parse_source(document.text, report)) {
        (void)runbook::read_model(
            *root, [](std::string_view) -> const runbook::Action* { return nullptr; }, report);
    }
    return report.take();
}

std::optional<Value> core_value(const std::string& text) {
    runbook::Report report("", text);
    const auto root = runbook::parse_source(text, report);
    if (!root || !report.empty()) return std::nullopt;
    return core_value(*root);
}

std::vector<std::string> ask_schema(const std::vector<Written>& documents) {
    const fs::path questions = fs::path(::testing::TempDir()) /
                               ("drydock_schema_" + std::to_string(::getpid()) + ".jsonl");
    {
        std::ofstream out(questions);
        for (const Written& one : documents) {
            const std::optional<Value> value = core_value(one.text);
            out << json::write(Value::Map{{"kind", one.kind},
                                          {"readable", value.has_value()},
                                          {"document", value.value_or(Value())}})
                << "\n";
        }
    }
    const std::string command = "/usr/bin/python3 " +
                                (project() / "tests/handbook/ask_schema.py").string() + " " +
                                (project() / "docs/schema").string() + " < " + questions.string();
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::string answer;
    std::array<char, 4096> block{};
    while (const std::size_t got = std::fread(block.data(), 1, block.size(), pipe))
        answer.append(block.data(), got);
    EXPECT_EQ(::pclose(pipe), 0) << "python3-jsonschema of Debian is needed";
    fs::remove(questions);
    std::vector<std::string> lines;
    std::istringstream in(answer);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    EXPECT_EQ(lines.size(), documents.size());
    lines.resize(documents.size());
    return lines;
}

}  // namespace drydock::handbook
