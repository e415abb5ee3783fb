#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/execute/requests.h"
#include "engine/run/status.h"
#include "engine/runbook/runbook.h"

// What a file of cases says (docs/format.md): in which world a runbook is tried out, how the world
// answers it, and what must be true afterwards. Plain values; the reader has checked them against
// the runbook, so that every name in them is there.
namespace drydock::cases {

// A question that a step asks of the world, as a pattern: `*` stands for any text within one
// argument or part of an address, `**` at the end for all that follows.
struct CommandPattern {
    std::vector<std::string> words;
};
struct HttpPattern {
    std::string method, url;
};
using Question = std::variant<CommandPattern, HttpPattern>;

// What a server does instead of answering.
enum class ServerFailure : std::uint8_t { None, Refused, Timeout, Closed };

// How the world answers. The first pattern that fits counts, those of the case before those of the
// file.
struct Answer {
    Question question;
    runbook::Place place;
    std::int64_t exit = 0;                                    // of a program
    std::string output, error;                                // what it prints
    std::int64_t status = 200;                                // of a server
    std::map<std::string, std::string, std::less<>> headers;  // by lower-case names
    std::string body;
    Duration took;
    ServerFailure fails = ServerFailure::None;
};

// What a person says at a gate. All answers to one gate are given in the order written.
struct GateAnswer {
    std::string gate, by;
    runbook::Place place;
    bool sign_all = false;
    std::vector<std::int64_t> signed_items;
    Value::Map form;  // texts
    bool rejects = false;
    std::string comment;
};

// What stands behind a connection, or at a path of the case's folder.
struct Fixture {
    enum class Kind : std::uint8_t { Empty, Sql, File, Text };
    Kind kind = Kind::Empty;
    std::string text;  // SQL, the absolute path of a file or folder, or the text itself
    runbook::Place place;
};

// What must be true in the end. Only what is written is compared.
struct Expectation {
    struct ErrorWanted {
        std::string step, kind, message;  // empty: any; the message: a part of it
        runbook::Place place;
    };
    struct Refusal {
        std::string gate, by;
        runbook::Place place;
    };
    template <class T>
    struct At {
        T held;
        runbook::Place place;
    };
    std::optional<At<std::string>> run;
    std::vector<std::pair<std::string, At<run::StepStatus>>> steps;
    runbook::Node::Map outputs;
    std::optional<At<std::string>> stopped_at, waiting_at;
    std::optional<ErrorWanted> error;
    std::vector<At<Question>> asked;
    std::vector<Refusal> refused;
    std::vector<runbook::LuaBody> holds;  // expressions
    std::vector<At<std::string>> never;
};

enum class Then : std::uint8_t { Nothing, Resume, Undo, Cancel };

struct Case {
    std::string name;
    runbook::Place place;
    std::string starter = "operator";
    std::string environment;
    bool production = false;
    runbook::Node::Map params;
    std::map<std::string, std::optional<std::string>, std::less<>> secrets;  // null: there is none
    std::map<std::string, Fixture, std::less<>> connections;
    std::map<std::string, Fixture, std::less<>> files;  // by path in the case's folder
    std::map<std::string, bool, std::less<>> services;  // whether they run at first
    std::vector<Answer> answers;
    std::vector<GateAnswer> people;
    std::vector<std::pair<std::string, runbook::LuaBody>> after;  // by step
    bool kill_everywhere = false;
    Then then = Then::Nothing;
    Expectation expect;

    // The one that the case gives; nothing when it gives none, or says that there is none.
    [[nodiscard]] std::optional<Secret> secret(std::string_view wanted) const {
        const auto given = secrets.find(wanted);
        if (given == secrets.end() || !given->second) return std::nullopt;
        return Secret(given->first, *given->second);
    }
};

struct Suite {
    std::string path;  // as the user named it
    std::string text;  // for the lines of failures
    runbook::Bundle bundle;
    execute::Roles roles;
    std::vector<Case> list;
};

}  // namespace drydock::cases
