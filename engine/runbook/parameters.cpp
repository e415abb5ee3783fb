#include "engine/runbook/parameters.h"

#include <optional>

#include "engine/error.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/fields.h"
#include "engine/runbook/source.h"
#include "engine/runbook/template.h"

namespace drydock::runbook {
namespace {

// A param as one place gives it.
struct Given {
    Node node;
    std::string from;  // "-p replicas", "params.yaml", "BACKUP_DIR"
    bool in_file = false;
};

class ParamsResolver final {
  public:
    ParamsResolver(const Runbook& runbook, const GivenParams& given,
                   const DefaultEvaluator& evaluator, const Folders& folders, Report& report)
        : runbook_(runbook),
          given_(given),
          evaluator_(evaluator),
          folders_(folders),
          report_(report),
          file_report_(given.file_path, given.file_text) {}

    ParamsResult resolve() {
        read_flags();
        read_file();
        ParamsResult result;
        for (const auto& [name, declared] : runbook_.params)
            result.values[name] = one(name, declared, result.values);
        result.diagnostics = std::move(loose_);
        for (Report* report : {&file_report_, &report_}) {
            Diagnostics found = report->take();
            result.diagnostics.insert(result.diagnostics.end(), found.begin(), found.end());
        }
        return result;
    }

  private:
    void loose(std::string from, std::string message, std::string hint) {
        loose_.push_back({.path = std::move(from),
                          .place = {},
                          .message = std::move(message),
                          .hint = std::move(hint),
                          .source_line = {}});
    }

    void read_flags() {
        for (const auto& [name, value] : given_.flags) {
            const Declaration* declared = find_declaration(runbook_.params, name);
            if (declared == nullptr) {
                loose(
                    "-p " + name, "the runbook has no param `" + name + "`",
                    nearest_hint(name, names_of(runbook_.params), "drydock plan shows its params"));
                continue;
            }
            found_.insert_or_assign(name, Given{text_node(value, *declared), "-p " + name});
        }
    }

    // What stands in a flag or a variable: a text, or for lists and maps what YAML (and so JSON)
    // reads.
    static Node text_node(const std::string& value, const Declaration& declared) {
        if (declared.type == Type::List || declared.type == Type::Map) {
            Report ignored("", value);
            const auto tree = parse_source(value, ignored);
            if (tree && ignored.empty() && !tree->is_scalar())
                return without_places(to_literal_node(*tree));
        }
        Node node;
        node.held = Node::Scalar{value, false};
        return node;
    }
    static Node without_places(Node node) {
        node.place = {};
        if (auto* list = std::get_if<Node::List>(&node.held)) {
            for (Node& item : *list) item = without_places(std::move(item));
        } else if (auto* map = std::get_if<Node::Map>(&node.held)) {
            for (auto& [key, item] : *map) item = without_places(std::move(item));
        }
        return node;
    }

    void read_file() {
        if (given_.file_path.empty()) return;
        const auto tree = parse_source(given_.file_text, file_report_);
        if (!tree) return;
        if (!tree->is_map()) {
            file_report_.add(tree->place, "a file of params is a map of names to values",
                             "write `name: value` lines");
            return;
        }
        for (const SourceNode::Member& member : tree->members) {
            if (find_declaration(runbook_.params, member.key) == nullptr) {
                file_report_.add(member.key_place, "the runbook has no param `" + member.key + "`",
                                 nearest_hint(member.key, names_of(runbook_.params),
                                              "drydock plan shows its params"));
                continue;
            }
            found_.emplace(member.key, Given{to_literal_node(member.value), given_.file_path,
                                             true});  // a flag was there first
        }
    }

    Value one(const std::string& name, const Declaration& declared, const Value::Map& before) {
        const std::string what = "the param `" + name + "`";
        std::optional<Given> given = find(name, declared);
        try {
            if (given)
                return ::drydock::runbook::resolve(given->node, &declared, none(), folders_, what);
            if (declared.default_value) return by_default(declared, before, what);
        } catch (const Error& error) {
            report(given, declared, error);
            return {};
        }
        missing(name, declared);
        return {};
    }

    std::optional<Given> find(const std::string& name, const Declaration& declared) const {
        const auto found = found_.find(name);
        if (found != found_.end()) return found->second;
        const auto variable =
            declared.env.empty() ? given_.variables.end() : given_.variables.find(declared.env);
        if (variable != given_.variables.end())
            return Given{text_node(variable->second, declared), declared.env};
        for (const auto& [key, node] : given_.settings) {
            if (key == name) return Given{without_places(node), "drydock.yaml"};
        }
        return std::nullopt;
    }

    Value by_default(const Declaration& declared, const Value::Map& before,
                     const std::string& what) const {
        const Evaluator evaluator = [&](const Expression& expression) {
            return evaluator_(expression, before);
        };
        return ::drydock::runbook::resolve(*declared.default_value, &declared, evaluator, folders_,
                                           what);
    }

    // Given values hold no templates: they come from outside and are data.
    static const Evaluator& none() {
        static const Evaluator kNone = [](const Expression&) -> Value {
            throw Error(ErrorCode::Document, "a value that is given holds no expression");
        };
        return kNone;
    }

    void report(const std::optional<Given>& given, const Declaration& declared,
                const Error& error) {
        std::string message = error.message();
        if (message.starts_with("line "))
            message.erase(0, message.find(": ") + 2);  // the place says it
        if (!given) return report_.add(declared.place, std::move(message), error.hint());
        if (given->in_file)
            return file_report_.add(given->node.place, std::move(message), error.hint());
        loose(given->from, std::move(message), error.hint());
    }

    void missing(const std::string& name, const Declaration& declared) {
        const std::string about = declared.description.empty() ? "" : ": " + declared.description;
        const std::string variable = declared.env.empty() ? "" : ", or set " + declared.env;
        report_.add(declared.place, "the param `" + name + "` must be given" + about,
                    "add -p " + name + "=…" + variable);
    }

    const Runbook& runbook_;
    const GivenParams& given_;
    const DefaultEvaluator& evaluator_;
    const Folders& folders_;
    Report& report_;
    Report file_report_;
    Diagnostics loose_;  // of flags and variables, which have no line
    std::map<std::string, Given, std::less<>> found_;
};

}  // namespace

ParamsResult resolve_params(const Runbook& runbook, const GivenParams& given,
                            const DefaultEvaluator& evaluator, const Folders& folders,
                            const std::string& path, std::string_view text) {
    Report report(path, text);
    return ParamsResolver(runbook, given, evaluator, folders, report).resolve();
}

std::pair<std::string, std::string> parse_flag(std::string_view flag) {
    const std::size_t equals = flag.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
        throw Error(ErrorCode::Usage, "-p " + std::string(flag) + " is no name=value",
                    "write -p name=value");
    }
    return {std::string(flag.substr(0, equals)), std::string(flag.substr(equals + 1))};
}

}  // namespace drydock::runbook
