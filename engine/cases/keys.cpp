#include "engine/cases/keys.h"

namespace drydock::cases {
namespace {

using runbook::Key;
using runbook::KeyTable;

// What the file says for all of its cases, and each case for itself.
constexpr Key kParams{
    .name = "params", .form = "map of value", .meaning = "The params of the run."};
constexpr Key kSecrets{.name = "secrets",
                       .form = "map of text | nothing",
                       .meaning = "The texts of secrets; null: the secret is missing."};
constexpr Key kConnections{.name = "connections",
                           .form = "map of database",
                           .meaning =
                               "What the databases hold when the case begins; real ones, "
                               "private to it. One that is not named is empty.",
                           .example = "connections:\n  app: {sql: \"create table t (n integer)\"}"};
constexpr Key kFiles{.name = "files",
                     .form = "map of file",
                     .meaning = "Files in the folder of the case, by their relative paths."};
constexpr Key kServices{.name = "services",
                        .form = "map of 'running' | 'stopped'",
                        .meaning =
                            "Services of the machine and how they are; start and stop "
                            "change it."};
constexpr Key kAnswers{.name = "answers",
                       .form = "list of command_answer | http_answer | gate_answer",
                       .meaning =
                           "What programs, servers and people answer. A question that is "
                           "not listed fails the case.",
                       .example =
                           "answers:\n  - {command: [make, \"**\"], exit: 0}\n"
                           "  - {gate: ready, by: ben, sign: all}"};

constexpr Key kCases[] = {
    {.name = "cases",
     .form = "text",
     .required = true,
     .meaning = "The runbook that they are about: its file, from this one's folder, or its name. "
                "The first key of the document.",
     .example = "cases: runbook.yaml"},
    kParams,
    kSecrets,
    kConnections,
    kFiles,
    kServices,
    kAnswers,
    {.name = "roles",
     .form = "map of list of text",
     .meaning = "Who has which role, instead of what drydock.yaml says."},
    {.name = "list", .form = "list of case", .required = true, .meaning = "The cases."},
};

constexpr Key kCase[] = {
    {.name = "case",
     .form = "text",
     .required = true,
     .meaning = "A sentence that says what is true."},
    kParams,
    kSecrets,
    kConnections,
    kFiles,
    kServices,
    kAnswers,
    {.name = "starter", .form = "text", .meaning = "Who starts the run."},
    {.name = "environment", .form = "text", .meaning = "An environment of drydock.yaml."},
    {.name = "after",
     .form = "map of lua",
     .meaning = "Lua that changes the world after a step, by the step's id.",
     .example = "after: {copy: 'connections.app:exec(\"delete from t\")'}"},
    {.name = "kill",
     .form = "'everywhere'",
     .meaning = "The case is repeated with a kill at every write of the journal and at every "
                "commit, and must end the same."},
    {.name = "then",
     .form = "'resume' | 'undo' | 'cancel'",
     .meaning = "What is done after the run has stopped."},
    {.name = "expect",
     .form = "expect",
     .required = true,
     .meaning = "What shall be true at the end.",
     .example = "expect: {run: succeeded, outputs: {deleted: 3}}"},
};

constexpr Key kDatabase[] = {
    {.name = "sql", .form = "text", .meaning = "Statements that make it."},
    {.name = "file",
     .form = "text",
     .meaning = "A file with statements, or a database, from the folder of the cases."},
};
constexpr Key kFile[] = {
    {.name = "text", .form = "text", .meaning = "Its content."},
    {.name = "file", .form = "text", .meaning = "The file whose content it has."},
};

constexpr Key kCommandAnswer[] = {
    {.name = "command",
     .form = "words_list",
     .required = true,
     .meaning = "The program and its arguments; ** stands for any that follow."},
    {.name = "exit", .form = "exit_status", .meaning = "How it ends; 0 without it."},
    {.name = "output", .form = "text", .meaning = "What it prints."},
    {.name = "error", .form = "text", .meaning = "What it prints to standard error."},
};
constexpr Key kHttpAnswer[] = {
    {.name = "http",
     .form = "request",
     .required = true,
     .meaning = "The method and the address; * stands for any text up to the next /, ** for any "
                "text."},
    {.name = "status", .form = "http_status", .meaning = "The status; 200 without it."},
    {.name = "headers", .form = "map of text", .meaning = "Headers of the answer."},
    {.name = "body", .form = "text", .meaning = "The body of the answer."},
    {.name = "took", .form = "length", .meaning = "How long it took; no time without it."},
    {.name = "fails",
     .form = "'refused' | 'timeout' | 'closed'",
     .meaning =
         "Instead of an answer: nobody listens; none comes in time; the connection is closed "
         "once the request was sent."},
};
constexpr Key kGateAnswer[] = {
    {.name = "gate", .form = "text", .required = true, .meaning = "The step that asks."},
    {.name = "by", .form = "text", .meaning = "Who answers."},
    {.name = "sign",
     .form = "signs",
     .meaning = "The items of the checklist that are signed: numbers, or all."},
    {.name = "form", .form = "map of text", .meaning = "What is filled in."},
    {.name = "reject", .form = "text", .meaning = "The gate is rejected, with this reason."},
    {.name = "comment", .form = "text", .meaning = "Said with the answer."},
};

constexpr Key kExpect[] = {
    {.name = "run",
     .form = "'succeeded' | 'failed' | 'undone' | 'cancelled' | 'stopped' | 'waiting'",
     .meaning = "Where the run stands at the end."},
    {.name = "steps",
     .form = "map of 'pending' | 'running' | 'waiting' | 'succeeded' | 'skipped' | 'failed' | "
             "'cancelled' | 'unknown' | 'undone'",
     .meaning = "The status of steps, by their ids."},
    {.name = "outputs", .form = "map of value", .meaning = "Outputs of the run."},
    {.name = "stopped_at", .form = "text", .meaning = "The step at which it stopped."},
    {.name = "waiting_at", .form = "text", .meaning = "The step at which it waits."},
    {.name = "error", .form = "expected_error", .meaning = "How a step failed."},
    {.name = "asked",
     .form = "question | list of question",
     .meaning = "Questions that were asked of programs and servers."},
    {.name = "refused",
     .form = "refusal | list of refusal",
     .meaning = "Answers at gates that were refused."},
    {.name = "holds",
     .form = "text | list of text",
     .meaning = "Lua expressions that are true of the world.",
     .example = "holds: connections.app:value(\"select count(*) from t\") == 2"},
    {.name = "never",
     .form = "text | list of text",
     .meaning = "Texts that stand nowhere: in no log, error, journal or report."},
};
constexpr Key kExpectedError[] = {
    {.name = "step", .form = "text", .meaning = "The step that failed."},
    {.name = "kind", .form = "text", .meaning = "The kind of its error."},
    {.name = "message", .form = "text", .meaning = "A part of its message."},
};
constexpr Key kQuestion[] = {
    {.name = "command", .form = "words_list", .meaning = "A program and its arguments."},
    {.name = "http", .form = "request", .meaning = "A method and an address."},
};
constexpr Key kRefusal[] = {
    {.name = "gate", .form = "text", .meaning = "The step that asked."},
    {.name = "by", .form = "text", .meaning = "Whose answer was refused."},
};

constexpr KeyTable kCasesTable{"cases", kCases};
constexpr KeyTable kCaseTable{"case", kCase};
constexpr KeyTable kDatabaseTable{"database", kDatabase};
constexpr KeyTable kFileTable{"file", kFile};
constexpr KeyTable kCommandAnswerTable{"command_answer", kCommandAnswer};
constexpr KeyTable kHttpAnswerTable{"http_answer", kHttpAnswer};
constexpr KeyTable kGateAnswerTable{"gate_answer", kGateAnswer};
constexpr KeyTable kExpectTable{"expect", kExpect};
constexpr KeyTable kExpectedErrorTable{"expected_error", kExpectedError};
constexpr KeyTable kQuestionTable{"question", kQuestion, "command http"};
constexpr KeyTable kRefusalTable{"refusal", kRefusal};

constexpr const KeyTable* kTables[] = {
    &kCasesTable,         &kCaseTable,       &kDatabaseTable,   &kFileTable,
    &kCommandAnswerTable, &kHttpAnswerTable, &kGateAnswerTable, &kExpectTable,
    &kExpectedErrorTable, &kQuestionTable,   &kRefusalTable};

}  // namespace

const KeyTable& cases_keys() {
    return kCasesTable;
}
const KeyTable& case_keys() {
    return kCaseTable;
}
const KeyTable& database_keys() {
    return kDatabaseTable;
}
const KeyTable& file_keys() {
    return kFileTable;
}
const KeyTable& expect_keys() {
    return kExpectTable;
}
const KeyTable& expected_error_keys() {
    return kExpectedErrorTable;
}
const KeyTable& question_keys() {
    return kQuestionTable;
}
const KeyTable& refusal_keys() {
    return kRefusalTable;
}

std::span<const KeyTable* const> cases_tables() {
    return kTables;
}

}  // namespace drydock::cases
