#include "engine/config/settings.h"

#include <algorithm>
#include <filesystem>

#include "engine/config/keys.h"
#include "engine/error.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/fields.h"
#include "engine/runbook/module_library.h"
#include "engine/runbook/reader.h"
#include "engine/runbook/report.h"
#include "engine/runbook/source.h"
#include "engine/runbook/template.h"

namespace drydock::config {
namespace {

namespace fs = std::filesystem;
using runbook::Fields;
using runbook::Report;
using runbook::SourceNode;

constexpr std::string_view kFileName = "drydock.yaml";

class SettingsReader final {
  public:
    SettingsReader(const std::string& path, Report& report) : report_(report) {
        made_.path = path;
        made_.folder = fs::path(path).parent_path().string();
    }

    Settings read(const SourceNode& root) {
        Fields fields(root, "drydock.yaml", settings_keys(), report_);
        if (!fields.is_map()) return made_;
        if (const SourceNode* node = fields.take("journal")) read_journal(*node);
        if (const SourceNode* node = fields.take("runbooks"))
            made_.runbooks = folders(*node, "`runbooks`");
        if (const SourceNode* node = fields.take("actions"))
            made_.actions = folders(*node, "`actions`");
        if (const SourceNode* node = fields.take("roles")) read_roles(*node);
        if (const SourceNode* node = fields.take("environments")) read_environments(*node);
        if (const SourceNode* node = fields.take("notify")) read_notify(*node);
        if (const SourceNode* node = fields.take("migrations")) read_migrations(*node);
        fields.finish();
        return made_;
    }

  private:
    [[nodiscard]] std::string absolute(std::string_view path) const {
        return runbook::absolute_path(path, made_.folder);
    }

    bool require_map(const SourceNode& node, std::string_view what, std::string_view hint) {
        if (node.is_map()) return true;
        report_.add(node.place,
                    std::string(what) + " is a map, here stands " + std::string(shape_of(node)),
                    std::string(hint));
        return false;
    }

    void read_journal(const SourceNode& node) {
        const auto text = read_text(node, "`journal`", report_);
        if (!text) return;
        if (text->starts_with("postgres://") || text->starts_with("postgresql://")) {
            made_.journal = *text;
            return;
        }
        const std::size_t colon = text->find(':');
        const bool sqlite = text->starts_with("sqlite:");
        if (text->empty() || *text == "sqlite:" || (colon != std::string::npos && !sqlite)) {
            report_.add(node.place, "`journal` is `" + *text + "`, which names no journal",
                        "write sqlite:PATH or postgres://…");
            return;
        }
        made_.journal = "sqlite:" + absolute(sqlite ? text->substr(7) : *text);
    }

    std::vector<std::string> folders(const SourceNode& node, std::string_view what) {
        std::vector<std::string> made;
        for (const std::string& path : read_texts(node, what, report_))
            made.push_back(absolute(path));
        return made;
    }

    void read_roles(const SourceNode& node) {
        if (!require_map(node, "`roles`", "write roles: {dba: [anna, ben]}")) return;
        for (const SourceNode::Member& member : node.members) {
            check_name(member, "role");
            made_.roles[member.key] =
                read_texts(member.value, "the role `" + member.key + "`", report_);
        }
    }

    void check_name(const SourceNode::Member& member, std::string_view what) {
        if (runbook::is_name(member.key, "_-")) return;
        report_.add(member.key_place, "`" + member.key + "` is no name of a " + std::string(what),
                    "small letters, digits, `_` and `-`");
    }

    void read_environments(const SourceNode& node) {
        if (!require_map(node, "`environments`",
                         "write one `name: {production: true, …}` per line"))
            return;
        for (const SourceNode::Member& member : node.members) {
            check_name(member, "environment");
            made_.environments[member.key] = read_environment(member);
        }
    }

    Environment read_environment(const SourceNode::Member& member) {
        Environment made;
        const std::string what = "the environment `" + member.key + "`";
        Fields fields(member.value, what, environment_keys(), report_);
        if (!fields.is_map()) return made;
        if (const SourceNode* flag = fields.take("production"))
            made.production =
                read_boolean(*flag, "`production` of " + what, report_).value_or(false);
        if (const SourceNode* file = fields.take("env_file")) {
            if (const auto path = read_text(*file, "`env_file` of " + what, report_))
                made.env_file = absolute(*path);
        }
        if (const SourceNode* params = fields.take("params")) read_params(*params, made);
        if (const SourceNode* window = fields.take("window")) {
            made.lifts_window = window->is_scalar() && window->text == "none";
            if (!made.lifts_window) made.window = read_window(*window, report_);
        }
        fields.finish();
        return made;
    }

    void read_params(const SourceNode& node, Environment& made) {
        if (!require_map(node, "`params` of an environment", "write params: {name: value}")) return;
        for (const SourceNode::Member& member : node.members) {
            if (member.value.is_scalar() && runbook::has_expression(member.value.text)) {
                report_.add(member.value.place, "no ${…} in settings", "write the value out");
            }
            made.params.emplace_back(member.key, to_literal_node(member.value));
        }
    }

    void read_notify(const SourceNode& node) {
        if (!node.is_list()) {
            report_.add(node.place,
                        "`notify` is a list, here stands " + std::string(shape_of(node)),
                        "write one `- {webhook: {env: NAME}, when: [stopped]}` each");
            return;
        }
        for (const SourceNode& item : node.items) {
            Fields fields(item, "an entry of `notify`", notification_keys(), report_);
            if (!fields.is_map()) continue;
            Notification made;
            if (const SourceNode* webhook =
                    fields.require("webhook", "say where to: webhook: {env: CHAT_WEBHOOK}")) {
                made.webhook = read_webhook(*webhook);
            }
            if (const SourceNode* when =
                    fields.require("when", "say when: when: [waiting, stopped]"))
                made.when = read_when(*when);
            fields.finish();
            made_.notify.push_back(std::move(made));
        }
    }

    // The address is a secret: who knows it may write there.
    runbook::SecretSource read_webhook(const SourceNode& node) {
        SourceNode named;
        named.kind = SourceNode::Kind::Map;
        named.place = node.place;
        named.members.push_back({"webhook", node.place, node});
        auto read = read_secrets(named, report_);
        return read.empty() ? runbook::SecretSource() : std::move(read.front().second);
    }

    std::vector<std::string> read_when(const SourceNode& node) {
        static const std::vector<std::string> kMoments{"waiting", "stopped", "succeeded",
                                                       "failed",  "undone",  "cancelled"};
        std::vector<std::string> made;
        if (!node.is_list()) {
            report_.add(node.place, "`when` of `notify` is a list",
                        "write when: [waiting, stopped]");
            return made;
        }
        for (const SourceNode& item : node.items) {
            if (const auto word = read_word(item, "an entry of `when`", kMoments, report_))
                made.push_back(kMoments[*word]);
        }
        return made;
    }

    void read_migrations(const SourceNode& node) {
        Fields fields(node, "`migrations`", migrations_keys(), report_);
        if (!fields.is_map()) return;
        const auto text = [&](const char* name) {
            const SourceNode* one = fields.take(name);
            if (one == nullptr) return std::string();
            return read_text(*one, "`" + std::string(name) + "` of `migrations`", report_)
                .value_or("");
        };
        if (const std::string folder = text("folder"); !folder.empty())
            made_.migrations.folder = absolute(folder);
        made_.migrations.format = text("format");
        if (const SourceNode* variables = fields.take("variables"))
            made_.migrations.variables = read_variables(*variables);
        made_.migrations.table = text("table");
        if (const SourceNode* own = fields.take("home_grown")) {
            if (made_.migrations.table.empty())
                report_.add(own->place, "`home_grown` without a `table`",
                            "name the table of your program: table: NAME");
            made_.migrations.home_grown = read_home_grown(*own);
        }
        fields.finish();
    }

    Value read_variables(const SourceNode& node) {
        if (!require_map(node, "`variables`", "write variables: {NAME: value}")) return {};
        Value::Map made;
        for (const SourceNode::Member& member : node.members) {
            const std::string what = "the variable `" + member.key + "`";
            if (const auto text = read_text(member.value, what, report_))
                made.emplace(member.key, *text);
        }
        return made;
    }

    Value read_home_grown(const SourceNode& node) {
        static const std::vector<std::string> kKeys{"number", "version", "file name"};
        static const std::vector<std::string> kChecksums{"sha256", "sha1", "md5", "crc32"};
        Value::Map made;
        Fields fields(node, "`home_grown`", home_grown_keys(), report_);
        if (!fields.is_map()) return {};
        const auto text = [&](const std::string& name, const SourceNode* one) {
            if (one == nullptr) return;
            if (const auto said = read_text(*one, "`" + name + "` of `home_grown`", report_))
                made.emplace(name, *said);
        };
        const auto word = [&](const std::string& name, const std::vector<std::string>& words) {
            const SourceNode* one = fields.take(name);
            if (one == nullptr) return;
            if (const auto at = read_word(*one, "`" + name + "` of `home_grown`", words, report_))
                made.emplace(name, words[*at]);
        };
        text("key_column", fields.require("key_column", "say which: key_column: version"));
        word("key", kKeys);
        text("checksum_column", fields.take("checksum_column"));
        word("checksum", kChecksums);
        text("applied_at_column", fields.take("applied_at_column"));
        fields.finish();
        if (made.contains("checksum") && !made.contains("checksum_column"))
            report_.add(node.place, "`checksum` without `checksum_column`",
                        "name the column that holds it");
        return made;
    }

    Report& report_;
    Settings made_;
};

}  // namespace

std::vector<std::string> Settings::role_names() const {
    std::vector<std::string> names;
    for (const auto& [name, people] : roles) names.push_back(name);
    return names;
}

std::optional<std::string> find_settings(const std::string& folder) {
    fs::path at = fs::path(runbook::absolute_path(folder, fs::current_path().string()));
    while (true) {
        std::error_code error;
        if (fs::is_regular_file(at / kFileName, error)) return (at / kFileName).string();
        if (at == at.parent_path()) return std::nullopt;
        at = at.parent_path();
    }
}

SettingsResult read_settings(const std::string& path) {
    try {
        return parse_settings(runbook::read_whole_file(path, runbook::SourceLimits().bytes), path);
    } catch (const Error& error) {
        SettingsResult result;
        result.diagnostics.push_back({.path = path,
                                      .place = {},
                                      .message = error.message(),
                                      .hint = error.hint(),
                                      .source_line = {}});
        return result;
    }
}

SettingsResult parse_settings(std::string_view text, const std::string& path) {
    Report report(path, text);
    SettingsResult result;
    if (const auto root = runbook::parse_source(text, report))
        result.settings = SettingsReader(path, report).read(*root);
    else if (report.empty())  // all of it is commented out
        result.settings = SettingsReader(path, report).read({.kind = SourceNode::Kind::Map});
    result.diagnostics = report.take();
    if (!result.diagnostics.empty()) result.settings.reset();
    return result;
}

const Environment& environment(const Settings& settings, std::string_view name) {
    const auto found = settings.environments.find(name);
    if (found != settings.environments.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [key, one] : settings.environments) names.push_back(key);
    throw Error(
        ErrorCode::Usage, "there is no environment `" + std::string(name) + "`",
        runbook::nearest_hint(name, names, "declare it under `environments:` in drydock.yaml"));
}

}  // namespace drydock::config
