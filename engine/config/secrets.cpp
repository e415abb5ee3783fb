#include "engine/config/secrets.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "engine/config/private_file.h"
#include "engine/config/secret_command.h"
#include "engine/error.h"

namespace drydock::config {
namespace {

using Kind = runbook::SecretSource::Kind;

constexpr std::size_t kLargestSecret = 64 << 10;

[[noreturn]] void refuse(std::string message, std::string hint) {
    throw Error(ErrorCode::Document, std::move(message), std::move(hint));
}

std::string stripped(std::string text) {
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

class SecretResolver final {
  public:
    SecretResolver(const runbook::SecretSource& source, const runbook::Evaluator& evaluator,
                   const SecretPlaces& places)
        : source_(source), evaluator_(evaluator), places_(places) {}

    // Empty: the source has none. An empty secret is a forgotten one.
    std::string text() {
        switch (source_.kind) {
            case Kind::Env: return variable(single());
            case Kind::File: return file(runbook::absolute_path(single(), places_.working_folder));
            case Kind::Credential: return credential(single());
            case Kind::Command: return stripped(run_secret_command(argv()));
        }
        return {};
    }

    // "the variable POSTGRES_DSN", for messages.
    [[nodiscard]] const std::string& shown() const { return shown_; }

  private:
    std::string single() {
        runbook::Declaration declared;
        declared.type = runbook::Type::String;
        return runbook::resolve(source_.source, &declared, evaluator_, folders(), "the source")
            .as<std::string>();
    }

    std::vector<std::string> argv() {
        runbook::Declaration declared;
        declared.type = runbook::Type::List;
        runbook::Declaration text;
        text.type = runbook::Type::String;
        declared.of = std::make_shared<const runbook::Declaration>(text);
        const Value list =
            runbook::resolve(source_.source, &declared, evaluator_, folders(), "the source");
        std::vector<std::string> made;
        for (const Value& item : list.as<Value::List>()) made.push_back(item.as<std::string>());
        if (made.empty()) refuse("its command is empty", "write command: [program, argument]");
        shown_ = "the command " + made[0];
        return made;
    }

    [[nodiscard]] runbook::Folders folders() const {
        return {places_.working_folder, places_.working_folder};
    }

    std::string variable(const std::string& name) {
        shown_ = "the variable " + name;
        const auto found = places_.variables.find(name);
        return found == places_.variables.end() ? std::string() : found->second;
    }

    std::string file(const std::string& path) {
        shown_ = "the file " + path;
        std::error_code error;
        if (!std::filesystem::exists(path, error) && !error) return {};
        return stripped(read_private_file(path, kLargestSecret));
    }

    std::string credential(const std::string& name) {
        shown_ = "the credential " + name;
        if (name.find('/') != std::string::npos || name.starts_with('.'))
            refuse("`" + name + "` is no name of a credential", "name it as in LoadCredential=");
        if (places_.credentials_folder.empty()) return {};
        return file(places_.credentials_folder + "/" + name);
    }

    const runbook::SecretSource& source_;
    const runbook::Evaluator& evaluator_;
    const SecretPlaces& places_;
    std::string shown_ = "its source";
};

std::string hint_for(Kind kind) {
    switch (kind) {
        case Kind::Env: return "set it, or put it into the env_file of the environment";
        case Kind::Credential:
            return "start drydock by systemd with LoadCredential=, which sets "
                   "$CREDENTIALS_DIRECTORY";
        default: return "look whether the source is there, and whether drydock's user may read it";
    }
}

}  // namespace

std::optional<Secret> resolve_secret(std::string_view name, const runbook::SecretSource& source,
                                     const runbook::Evaluator& evaluator,
                                     const SecretPlaces& places) {
    SecretResolver resolver(source, evaluator, places);
    const std::string who = "the secret " + std::string(name);
    std::string text;
    try {
        text = resolver.text();
    } catch (const Error& error) {
        throw error.in(who + " cannot be had from " + resolver.shown());
    }
    if (text.empty() && source.has_null_default) return std::nullopt;
    if (text.empty())
        refuse(who + " cannot be had: " + resolver.shown() + " is missing or empty",
               hint_for(source.kind));
    if (text.size() > kLargestSecret)
        refuse(who + " has more than 64 KiB", "a secret is a password or a key, not a document");
    return Secret(std::string(name), std::move(text));
}

}  // namespace drydock::config
