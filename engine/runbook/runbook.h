#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/value.h"

// The model of a runbook as it was written (docs/format.md): names are resolved and checked by
// rules.h, values are not yet evaluated. Plain values, no behaviour, freely copied and shared.
namespace drydock::runbook {

// A place in a source text. `file` is an index into the bundle's texts (0: the runbook itself).
// Lines and columns count from 1, columns in bytes; line 0 means "no place".
struct Place {
    std::uint32_t file = 0;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    bool operator==(const Place&) const = default;
};

enum class Type : std::uint8_t {
    String, Integer, Number, Boolean, Duration, Size, Timestamp,
    Path, Source, Secret, Connection, List, Map, Sql, Any,
};

// The most that a step may change, weakest first. Enforced by execute::StepContext.
enum class Effect : std::uint8_t { Read, Transaction, Unsafe };

// A Lua expression, as in `when:` or inside ${…}.
struct Expression {
    std::string text;
    Place place;
};

// A scalar with ${…}: literal pieces and expressions in turn.
struct Template {
    struct Piece {
        std::variant<std::string, Expression> held;
    };
    std::vector<Piece> pieces;
    Place place;
    // True when the scalar is one ${…} and nothing else: its value keeps its type.
    [[nodiscard]] bool whole() const {
        return pieces.size() == 1 && std::holds_alternative<Expression>(pieces[0].held);
    }
};

struct NodeScalar {
    std::string text;
    bool plain = false;
};
// What stands at a place where a value is wanted. A scalar keeps its text: it is read by the
// declared type of its place, not by YAML's guess; `plain` (not quoted, not a block) matters only
// where nothing is declared and the core schema decides.
struct NamedNode;
struct Node {
    using Scalar = NodeScalar;
    using List = std::vector<Node>;
    using Map = std::vector<NamedNode>;  // in the order written, keys unique
    std::variant<Scalar, Template, List, Map> held;
    Place place;
};
// A pair by its members; std::pair itself asks for the whole of Node while Node is being defined.
struct NamedNode {
    std::string first;
    Node second;
};

// A declaration of a parameter, a returned field or a form field (docs/format.md).
struct NamedDeclaration;
struct Declaration {
    Type type = Type::Any;
    std::optional<Node> default_value;  // a null default is a plain scalar `null`
    std::vector<Node> allowed;          // `enum`
    std::optional<std::string> pattern; // of the whole text, ECMAScript
    std::optional<Node> min;
    std::optional<Node> max;
    std::shared_ptr<const Declaration> of;  // of a list's items, a map's values
    std::vector<NamedDeclaration> fields;                          // of a map with named fields
    std::string env;                                               // the variable that may give it
    std::string description;
    Place place;
};
struct NamedDeclaration {
    std::string first;
    Declaration second;
};
// In the order written.
using Declarations = std::vector<NamedDeclaration>;

struct ActionCall {
    std::string action;  // "sqlite.check", "./maintenance.enable"
    Node::Map with;
    Place place;         // of the action's name
};
struct LuaBody {
    std::string text;
    Place place;  // of the first line of the text
};
struct ChecklistItem {
    std::optional<Template> text;                           // evaluated; shown to the approver
    std::variant<std::monostate, ActionCall, LuaBody> body; // monostate: signed by a person
    Place place;
};
struct Gate {
    Template prompt;
    std::string by;  // a role; empty: whoever runs it
    std::int64_t count = 1;
    std::vector<ChecklistItem> checklist;
    Declarations form;
};
struct Wait {
    Node until;  // a duration or a timestamp
};
using Body = std::variant<ActionCall, LuaBody, Gate, Wait>;
using SideBody = std::variant<ActionCall, LuaBody>;

struct Retry {
    std::optional<Node> times;
    std::optional<Node> limit;  // `for`
    std::optional<Node> every;  // default 2s
    std::optional<Node> up_to;
    Place place;
};

enum class OnFailure : std::uint8_t { Stop, Undo, End, Continue };

struct Step {
    std::string id;
    std::optional<Template> title;
    std::optional<Template> help;
    std::string contact;
    Body body;
    std::optional<Expression> when;
    std::optional<Node> foreach;
    std::optional<Node> timeout;
    std::optional<Retry> retry;
    std::optional<OnFailure> on_failure;  // else the runbook's
    std::optional<Effect> declared_effect;
    Declarations returns;       // Lua bodies
    bool idempotent = false;    // as written; rules.h adds the action's
    std::optional<SideBody> probe;
    std::optional<SideBody> undo;
    bool undo_none = false;     // `undo: none`
    Place place;                // of the step's first key
};

struct SecretSource {
    enum class Kind : std::uint8_t { Env, File, Command, Credential };
    Kind kind = Kind::Env;
    Node source;  // a name, a path, an argv
    bool has_null_default = false;
    bool may_change = false;
    Place place;
};

struct Connection {
    enum class Kind : std::uint8_t { Postgres, Sqlite, Redis };
    Kind kind = Kind::Sqlite;  // of `like:` already followed
    // All keys as written, `like` merged in: "sqlite" → its path, "busy_timeout", "read_only", …
    Node::Map settings;
    Place place;
};

struct Contact {
    std::string name, mail, phone;
    std::optional<Node> after;
    Place place;
};

struct Window {
    std::string opens;  // "Sun 02:00" or "02:00"
    Node lasts;
    std::string timezone;
    std::optional<Node> reserve;
    Place place;
};

struct Runbook {
    std::string name;
    std::string title;
    std::string description;
    Declarations params;
    std::vector<std::pair<std::string, SecretSource>> secrets;
    std::vector<std::pair<std::string, Connection>> connections;
    std::vector<std::pair<std::string, Contact>> contacts;
    std::vector<Node> files;
    std::vector<Node> commands;
    std::vector<Node> locks;
    std::vector<std::string> runs_on;
    std::optional<Window> window;
    OnFailure on_failure = OnFailure::Stop;
    std::vector<Step> steps;
    std::vector<Step> finally;
    Node::Map outputs;
};

// An action of a module (format.md), read from what its Lua file returns. The functions stay in the
// file; the runner calls them by module and name.
struct Action {
    std::string name;    // "check" of "sqlite.check"
    std::string summary;
    Declarations params;
    Declarations returns;
    std::vector<std::string> needs_commands;
    std::string needs_postgres;
    Effect effect = Effect::Unsafe;
    bool idempotent = false;
    bool has_probe = false;
    bool has_undo = false;
    bool undo_idempotent = false;  // true too where the action is idempotent as a whole
};

// A Lua file with actions. `name` is how runbooks call it: "sqlite" or "./maintenance".
struct Module {
    std::string name;
    std::string path;  // where it came from; "(shipped)" for embedded ones
    std::string text;
    std::map<std::string, Action> actions;
};

// Everything of a run that is frozen when it starts: the runbook, the modules that it uses and the
// bytes behind its `source` parameters. Steps read nothing else of this kind from disk.
struct Bundle {
    Runbook runbook;
    std::string path;  // of the runbook, absolute; "(shipped)" if embedded
    std::string text;
    std::map<std::string, Module, std::less<>> modules;  // those that are used, by name
    // Frozen files of source parameters by absolute path; a folder is its files.
    std::map<std::string, std::string, std::less<>> sources;

    // The action called `full_name` ("sqlite.check"), or null.
    [[nodiscard]] const Action* find_action(std::string_view full_name) const;
};

}  // namespace drydock::runbook
