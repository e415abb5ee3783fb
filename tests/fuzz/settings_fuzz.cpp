// Any text as drydock.yaml, and as a file of variables.

#include "engine/config/env_file.h"
#include "engine/config/settings.h"
#include "engine/error.h"
#include "tests/fuzz/fuzz.h"

using namespace drydock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text = fuzz::text_of(bytes, size);
    const config::SettingsResult read = config::parse_settings(text, "/somewhere/drydock.yaml");
    MUST(read.settings.has_value() == read.diagnostics.empty());
    for (const runbook::Diagnostic& one : read.diagnostics) MUST(!one.message.empty());
    const config::EnvFileResult variables = config::parse_env_file(text, "/somewhere/.env");
    for (const auto& [name, value] : variables.variables) {
        MUST(!name.empty() && name.find('=') == std::string::npos);
        MUST(value.find('\0') == std::string::npos);
    }
    return 0;
}
