#include "engine/handbook/word.h"

namespace drydock::handbook {
namespace {

struct Named {
    std::string_view name, form, text;
};

constexpr Named kTypes[] = {
    {"string", "as in YAML", "A text. A number there is read as its text."},
    {"integer", "as in YAML", "A whole number of 64 bits."},
    {"number", "as in YAML", "A number with or without a fraction."},
    {"boolean", "true or false", "Not yes, on or 1."},
    {"duration", "50ms, 30s, 1h30m, 90d",
     "A length of time, 0s or 50ms to 365d. Does arithmetic; "
     "compared with a number it counts seconds."},
    {"size", "0B, 512KiB, 1.5GiB",
     "A number of bytes, 0B to 10GiB. Does arithmetic; compared with "
     "a number it counts bytes."},
    {"timestamp", "2026-11-21T02:00:00Z", "A moment, always with a zone."},
    {"path", "a path",
     "A path; a relative one is meant from the folder in which the run was "
     "started."},
    {"source", "a path",
     "A file, or a folder, whose content is frozen with the run; a relative "
     "path is meant from the runbook's folder."},
    {"secret", "\"${secrets.NAME}\"",
     "A parameter of an action that a secret may go to. Never of "
     "a param: params are recorded."},
    {"connection", "a name", "The name of a connection of the runbook."},
    {"list", "as in YAML", "A list; `of` declares its items."},
    {"map", "as in YAML", "A map; `fields` declares its names, `of` the values of any other."},
    {"sql", "SQL",
     "Statements, without templates and without transaction control: values are "
     "given as args."},
    {"any", "as in YAML", "A value as it is."},
};

constexpr Named kEffects[] = {
    {"read", "", "The step changes nothing. A cut attempt is simply repeated."},
    {"transaction", "",
     "The step changes one database, in transactions with a receipt in the "
     "database itself: after a cut the receipt tells whether it happened."},
    {"unsafe", "",
     "The step changes something that keeps no receipt: files, programs, the world. "
     "After a cut it is repeated only if it is idempotent, else its probe or the "
     "operator says whether it happened."},
    {"receipt", "",
     "A row in drydock_receipts of the target database, committed together with the "
     "work: it says that the step was done, whatever happened to the journal."},
};

constexpr Named kEvents[] = {
    {"RunCreated", "", "The run with its params, its plan and its frozen texts."},
    {"RunClaimed", "", "A process took the run: to start, resume, answer, cancel or undo it."},
    {"RunSuspended", "", "The process put the run down, and why."},
    {"RunEnded", "", "The end, with the outputs; it frees the locks."},
    {"PhaseBegan", "", "Going forward, going back (undo), or the finally steps began."},
    {"TargetBound", "",
     "Which database a connection was, by its identity, when the run met it "
     "first."},
    {"StepStarted", "",
     "An attempt began, with what it was given; durable before anything "
     "happens."},
    {"StepInterrupted", "", "An attempt was found cut: its process was gone."},
    {"StepFinished", "",
     "An attempt came to its end: succeeded, failed, retry, cancelled or "
     "unknown; with its output or error, and its receipts."},
    {"StepSettled", "",
     "A cut or failed step was decided: by its receipt, its probe or the "
     "operator."},
    {"StepSkipped", "", "A step was passed over, and why."},
    {"EffectBegan", "",
     "A step is about to do something without a receipt; durable before it "
     "does."},
    {"EffectEnded", "", "How that went."},
    {"ValueRecorded", "",
     "What once() gave: a repeated attempt takes it instead of doing the work "
     "again."},
    {"WaitBegan", "", "A gate opened or a pause began, with what was shown."},
    {"WaitAnswered", "", "A gate was approved or rejected, by whom, or its time was up."},
    {"CancelRequested", "", "Somebody asked for the end: at the next safe point, or now."},
};

constexpr Named kLimits[] = {
    {"step_time", "30m",
     "An attempt; `timeout` of the step changes it. The script is stopped, "
     "its programs are killed, pcall cannot swallow it."},
    {"step_memory", "256 MiB", "What a step's script may hold."},
    {"expression_memory", "16 MiB", "What an expression in ${…} or `when` may hold."},
    {"expression_instructions", "10000", "How long such an expression may compute."},
    {"text_size", "64 MiB", "A text in Lua, and all texts of a value that a step returns."},
    {"value_depth", "64", "How deep the value that a step returns is nested."},
    {"value_nodes", "1000000", "How many parts the value that a step returns has."},
    {"pattern_steps", "50000000", "How long string.find, match, gmatch and gsub may search."},
    {"table_range", "1000000",
     "How long a range table.concat, insert, move, remove, sort and "
     "unpack take."},
    {"recorded_value", "1 MiB", "What once() can record."},
    {"log_line", "8 KiB", "A line of a step's log; more of it is cut."},
    {"attempt_log", "64 MiB",
     "The log of an attempt: the first and the last 32 MiB are kept, and "
     "what is left out is counted."},
    {"crash_loop", "3",
     "A step that was cut so often in a row without getting on is not started "
     "again by itself: it is unknown until the operator settles it."},
    {"document_size", "1 MiB", "A runbook, a cases file, drydock.yaml."},
    {"document_depth", "64", "How deep a document is nested."},
    {"document_nodes", "100000", "How many parts a document has."},
    {"journal_room", "64 MiB",
     "What must be free on the journal's file system before a run "
     "begins."},
};

}  // namespace

std::vector<Word> engine_words() {
    std::vector<Word> all;
    const auto add = [&all](std::string_view topic, const auto& list) {
        for (const Named& one : list) {
            all.push_back({.topic = std::string(topic),
                           .name = std::string(one.name),
                           .of = {},
                           .form = std::string(one.form),
                           .text = std::string(one.text),
                           .example = {},
                           .inner = {}});
        }
    };
    add("type", kTypes);
    add("effect", kEffects);
    add("limit", kLimits);
    add("event", kEvents);
    return all;
}

}  // namespace drydock::handbook
