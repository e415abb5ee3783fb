#include "engine/cases/reader.h"

#include "engine/cases/keys.h"
#include "engine/cases/reading.h"

#include <algorithm>
#include <set>

#include "engine/error.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/fields.h"
#include "engine/runbook/quantity.h"
#include "engine/runbook/report.h"
#include "engine/runbook/template.h"

namespace drydock::cases {
namespace {

using runbook::Fields;
using runbook::Place;
using runbook::Report;
using runbook::SourceNode;

class CasesReader final {
  public:
    CasesReader(const ReadInput& input, Report& report) : input_(input), report_(report) {}

    // The name of the runbook is in `runbook_` afterwards.
    std::vector<Case> read(const SourceNode& root) {
        Fields fields(root, "the file of cases", cases_keys(), report_);
        std::vector<Case> list;
        if (!fields.is_map()) return list;
        if (const SourceNode* named = fields.take("cases"))
            runbook_ = scalar_text(*named, "`cases`", report_);
        runbook_place_ = fields.key_place("cases");
        Case common;
        read_given(fields, common);
        if (const SourceNode* roles = fields.take("roles")) read_roles(*roles);
        const SourceNode* cases = fields.require("list", "write one `- case: …` each under list:");
        fields.finish();
        if (cases == nullptr) return list;
        if (!cases->is_list() || cases->items.empty()) {
            report_.add(cases->place,
                        "`list` is a list of cases, here stands " + std::string(shape_of(*cases)),
                        "write one `- case: a sentence that says what is true` each");
            return list;
        }
        for (const SourceNode& item : cases->items) list.push_back(read_case(item, common));
        return list;
    }

    [[nodiscard]] const std::string& runbook_name() const { return runbook_; }
    [[nodiscard]] Place runbook_place() const { return runbook_place_; }
    [[nodiscard]] const std::optional<execute::Roles>& roles() const { return roles_; }

  private:
    bool require_map(const SourceNode& node, std::string_view what, std::string_view hint) {
        if (node.is_map()) return true;
        report_.add(node.place,
                    std::string(what) + " is a map, here stands " + std::string(shape_of(node)),
                    std::string(hint));
        return false;
    }

    // What file and case both may say; what the case says comes first, or replaces by name.
    void read_given(Fields& fields, Case& into) {
        if (const SourceNode* node = fields.take("params")) read_params(*node, into);
        if (const SourceNode* node = fields.take("secrets")) read_secrets(*node, into);
        if (const SourceNode* node = fields.take("connections")) read_connections(*node, into);
        if (const SourceNode* node = fields.take("files")) read_files(*node, into);
        if (const SourceNode* node = fields.take("services")) read_services(*node, into);
        if (const SourceNode* node = fields.take("answers")) read_answers(*node, into);
    }

    void read_params(const SourceNode& node, Case& into) {
        if (!require_map(node, "`params`", "write params: {name: value}")) return;
        for (const SourceNode::Member& member : node.members) {
            std::erase_if(into.params, [&](const auto& one) { return one.first == member.key; });
            into.params.emplace_back(member.key, to_literal_node(member.value));
        }
    }

    void read_secrets(const SourceNode& node, Case& into) {
        if (!require_map(node, "`secrets`", "write secrets: {name: text}")) return;
        for (const SourceNode::Member& member : node.members) {
            if (member.value.is_null()) {
                into.secrets[member.key] = std::nullopt;
                continue;
            }
            const auto text = read_text(member.value, "the secret `" + member.key + "`", report_);
            into.secrets[member.key] = text.value_or("");
        }
    }

    void read_connections(const SourceNode& node, Case& into) {
        if (!require_map(node, "`connections`", "write connections: {app: {sql: …}}")) return;
        for (const SourceNode::Member& member : node.members) {
            into.connections.insert_or_assign(
                member.key, read_fixture(member.value, "the connection `" + member.key + "`", "sql",
                                         Fixture::Kind::Sql));
        }
    }

    void read_files(const SourceNode& node, Case& into) {
        if (!require_map(node, "`files`", "write files: {config.yaml: {text: …}}")) return;
        for (const SourceNode::Member& member : node.members) {
            const std::string path = runbook::absolute_path(member.key, "/");
            if (member.key.starts_with('/') || "/" + member.key != path) {
                report_.add(member.key_place,
                            "`" + member.key + "` is no path within the folder of the case",
                            "write it relative, without `..`");
            }
            into.files.insert_or_assign(
                member.key, read_fixture(member.value, "the file `" + member.key + "`", "text",
                                         Fixture::Kind::Text));
        }
    }

    // {TEXT_KEY: …}, {file: path} or {}.
    Fixture read_fixture(const SourceNode& node, const std::string& what, std::string_view text_key,
                         Fixture::Kind text_kind) {
        Fixture made{.kind = Fixture::Kind::Empty, .text = {}, .place = node.place};
        const bool database = text_kind == Fixture::Kind::Sql;
        Fields fields(node, what, database ? database_keys() : file_keys(), report_);
        if (!fields.is_map()) return made;
        const SourceNode* text = fields.take(text_key);
        const SourceNode* file = fields.take("file");
        fields.finish();
        if (text != nullptr && file != nullptr) {
            report_.add(file->place, what + " has `" + std::string(text_key) + "` and `file`",
                        "one of the two");
        } else if (text != nullptr) {
            made.kind = text_kind;
            made.text = scalar_text(*text, what, report_);
            made.place = text->place;
        } else if (file != nullptr) {
            made.kind = Fixture::Kind::File;
            made.place = file->place;
            const std::string path = scalar_text(*file, what, report_);
            if (input_.folder.empty()) {
                report_.add(file->place, "these cases do not stand on disk, so they have no files",
                            "write " + std::string(text_key) + ": instead");
            } else {
                made.text = runbook::absolute_path(path, input_.folder);
            }
        }
        return made;
    }

    void read_services(const SourceNode& node, Case& into) {
        if (!require_map(node, "`services`", "write services: {name: running}")) return;
        for (const SourceNode::Member& member : node.members) {
            const auto word = read_word(member.value, "the service `" + member.key + "`",
                                        {"running", "stopped"}, report_);
            into.services[member.key] = word.value_or(0) == 0;
        }
    }

    void read_roles(const SourceNode& node) {
        roles_.emplace();
        if (!require_map(node, "`roles`", "write roles: {dba: [anna, ben]}")) return;
        for (const SourceNode::Member& member : node.members)
            (*roles_)[member.key] =
                read_texts(member.value, "the role `" + member.key + "`", report_);
    }

    void read_answers(const SourceNode& node, Case& into) {
        if (!node.is_list()) {
            report_.add(node.place,
                        "`answers` is a list, here stands " + std::string(shape_of(node)),
                        "write one `- {command: [make], exit: 0}` each");
            return;
        }
        std::vector<Answer> answers;
        std::vector<GateAnswer> people;
        for (const SourceNode& item : node.items) {
            Fields fields(item, "an answer", report_);
            if (!fields.is_map()) continue;
            if (item.find("gate") != nullptr)
                people.push_back(read_gate_answer(fields));
            else if (auto answer = read_answer(fields))
                answers.push_back(std::move(*answer));
            fields.finish();
        }
        // Of a gate that the case answers the file's answers are not meant.
        std::erase_if(into.people, [&](const GateAnswer& old) {
            return std::ranges::any_of(people,
                                       [&](const GateAnswer& one) { return one.gate == old.gate; });
        });
        into.people.insert(into.people.begin(), people.begin(), people.end());
        into.answers.insert(into.answers.begin(), answers.begin(), answers.end());
    }

    std::int64_t integer(Fields& fields, std::string_view key, std::int64_t otherwise) {
        const SourceNode* node = fields.take(key);
        if (node == nullptr) return otherwise;
        return read_integer(*node, "`" + std::string(key) + "` of " + fields.what(), report_)
            .value_or(otherwise);
    }
    std::string text(Fields& fields, std::string_view key) {
        const SourceNode* node = fields.take(key);
        if (node == nullptr) return {};
        return scalar_text(*node, "`" + std::string(key) + "` of " + fields.what(), report_);
    }

    void read_server_answer(Fields& fields, Answer& answer) {
        answer.status = integer(fields, "status", 200);
        if (answer.status < 100 || answer.status > 599)
            report_.add(fields.key_place("status"), "`status` is a number from 100 to 599", "");
        answer.body = text(fields, "body");
        if (const SourceNode* headers = fields.take("headers")) {
            if (require_map(*headers, "`headers`", "write headers: {content-type: text/plain}")) {
                for (const SourceNode::Member& member : headers->members) {
                    std::string name = member.key;
                    std::ranges::transform(name, name.begin(), [](unsigned char c) {
                        return static_cast<char>(std::tolower(c));
                    });
                    answer.headers[name] = scalar_text(member.value, "a header", report_);
                }
            }
        }
        if (const SourceNode* took = fields.take("took")) {
            const auto length = runbook::parse_duration(scalar_text(*took, "`took`", report_));
            if (!length) report_.add(took->place, "`took` is a duration", "write 50ms or 30s");
            answer.took = length.value_or(Duration{});
        }
        if (const SourceNode* fails = fields.take("fails")) {
            const auto word =
                read_word(*fails, "`fails`", {"refused", "timeout", "closed"}, report_);
            if (word) answer.fails = static_cast<ServerFailure>(*word + 1);
        }
    }

    std::optional<Answer> read_answer(Fields& fields) {
        const std::optional<Question> question = read_question(fields, report_);
        Answer answer{.question = {}, .place = fields.place()};
        if (question && std::holds_alternative<CommandPattern>(*question)) {
            answer.exit = integer(fields, "exit", 0);
            answer.output = text(fields, "output");
            answer.error = text(fields, "error");
            if (answer.exit < 0 || answer.exit > 255)
                report_.add(fields.key_place("exit"), "`exit` is a number from 0 to 255", "");
        } else {
            read_server_answer(fields, answer);
        }
        if (!question) {
            for (const char* key : {"exit", "output", "error"}) (void)fields.take(key);
            return std::nullopt;
        }
        answer.question = *question;
        return answer;
    }

    GateAnswer read_gate_answer(Fields& fields) {
        GateAnswer answer{
            .gate = text(fields, "gate"), .by = text(fields, "by"), .place = fields.place()};
        if (const SourceNode* sign = fields.take("sign")) {
            answer.sign_all = sign->is_scalar() && sign->text == "all";
            if (!answer.sign_all) {
                for (const SourceNode* item : one_or_more(*sign)) {
                    if (const auto number = read_integer(*item, "an item of `sign`", report_))
                        answer.signed_items.push_back(*number);
                }
            }
        }
        if (const SourceNode* form = fields.take("form")) {
            if (require_map(*form, "`form`", "write form: {field: value}")) {
                for (const SourceNode::Member& member : form->members)
                    answer.form[member.key] =
                        scalar_text(member.value, "the field `" + member.key + "`", report_);
            }
        }
        if (const SourceNode* rejects = fields.take("reject")) {
            answer.rejects = true;
            answer.comment = scalar_text(*rejects, "`reject`, the reason", report_);
        } else {
            answer.comment = text(fields, "comment");
        }
        return answer;
    }

    Case read_case(const SourceNode& node, const Case& common) {
        Case made = common;
        made.place = node.place;
        Fields fields(node, "a case", case_keys(), report_);
        if (!fields.is_map()) return made;
        if (const SourceNode* name =
                fields.require("case", "write case: a sentence that says what is true"))
            made.name = scalar_text(*name, "`case`", report_);
        if (!made.name.empty() && !names_.insert(made.name).second)
            report_.add(node.place, "two cases are called `" + made.name + "`",
                        "say what is different");
        read_given(fields, made);
        if (const SourceNode* starter = fields.take("starter"))
            made.starter = scalar_text(*starter, "`starter`", report_);
        if (const SourceNode* environment = fields.take("environment"))
            read_environment(*environment, made);
        if (const SourceNode* after = fields.take("after")) read_after(*after, made);
        if (const SourceNode* kill = fields.take("kill"))
            made.kill_everywhere = read_word(*kill, "`kill`", {"everywhere"}, report_).has_value();
        if (const SourceNode* then = fields.take("then")) {
            const auto word = read_word(*then, "`then`", {"resume", "undo", "cancel"}, report_);
            if (word) made.then = static_cast<Then>(*word + 1);
        }
        if (const SourceNode* expect =
                fields.require("expect", "write expect: {run: succeeded}, or what shall be true"))
            made.expect = read_expectation(*expect, input_, report_);
        fields.finish();
        return made;
    }

    void read_environment(const SourceNode& node, Case& made) {
        made.environment = scalar_text(node, "`environment`", report_);
        std::vector<std::string> names;
        for (const auto& [name, production] : input_.environments) names.push_back(name);
        const auto found = input_.environments.find(made.environment);
        if (found != input_.environments.end()) {
            made.production = found->second;
        } else if (!names.empty()) {
            report_.add(node.place, "there is no environment `" + made.environment + "`",
                        runbook::nearest_hint(made.environment, names,
                                              "declare it under `environments:` in drydock.yaml"));
        }
    }

    void read_after(const SourceNode& node, Case& made) {
        if (!require_map(node, "`after`", "write after: {step: 'connections.app:exec(\"…\")'}"))
            return;
        for (const SourceNode::Member& member : node.members) {
            made.after.emplace_back(member.key, read_lua(member.value, "`after` " + member.key,
                                                         LuaKind::Chunk, input_, report_));
        }
    }

    const ReadInput& input_;
    Report& report_;
    std::string runbook_;
    Place runbook_place_;
    std::optional<execute::Roles> roles_;
    std::set<std::string, std::less<>> names_;
};

}  // namespace

bool is_cases(const SourceNode& root) {
    return root.is_map() && !root.members.empty() && root.members.front().key == "cases";
}

ReadResult read_cases(const ReadInput& input) {
    ReadResult result;
    Report report(input.path, input.text);
    const auto root = parse_source(input.text, report);
    if (!root) {
        result.diagnostics = report.take();
        return result;
    }
    CasesReader reader(input, report);
    Suite suite{.path = input.path,
                .text = input.text,
                .bundle = {},
                .roles = input.roles,
                .list = reader.read(*root)};
    if (reader.roles()) suite.roles = *reader.roles();
    if (!reader.runbook_name().empty()) {
        const std::string path = input.folder.empty()
                                     ? reader.runbook_name()
                                     : runbook::absolute_path(reader.runbook_name(), input.folder);
        runbook::CheckResult checked = input.read_runbook(path);
        if (checked.bundle) {
            suite.bundle = std::move(*checked.bundle);
            check_names(suite, input, report);
        } else {
            report.add(reader.runbook_place(),
                       "the runbook " + reader.runbook_name() + " cannot be read",
                       "mend what is said of it");
            result.diagnostics = std::move(checked.diagnostics);
        }
    }
    for (runbook::Diagnostic& one : report.take()) result.diagnostics.push_back(std::move(one));
    if (result.diagnostics.empty()) result.suite = std::move(suite);
    return result;
}

}  // namespace drydock::cases
