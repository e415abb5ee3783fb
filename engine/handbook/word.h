#pragma once

#include <string>
#include <string_view>
#include <vector>

// Every word that a user meets and can ask about: keys, types, kinds of errors, exit codes,
// statuses, events, limits. What is said here of a key comes from the reader's tables; of actions
// the program knows only when it has read them, so they are the command's (cli/action_words.h).
// Constants; pure.
namespace drydock::handbook {

struct Word {
    std::string topic;  // "key", "type", "error", "exit", "status", "event", "limit", "effect"
    std::string name;   // "timeout"
    std::string of;     // of a key: the table's place, "step"; of a status: "run" or "step"
    std::string form;   // of a key: what stands there; of a limit: how much
    std::string text;
    std::string example;  // lines, may be empty
    bool required = false;
    std::vector<std::string> inner;  // of a key: the keys of the maps that stand there
};

// In the order of the topics, and within one in the order in which it is explained.
[[nodiscard]] const std::vector<Word>& words();
// Those called `name`, or "PLACE.KEY". Empty: there is none.
[[nodiscard]] std::vector<const Word*> find_words(std::string_view name);
// The keys of the table called `place`: "step", "window". Empty: there is none.
[[nodiscard]] std::vector<const Word*> keys_of(std::string_view place);
// All names and places, each once, for "did you mean".
[[nodiscard]] std::vector<std::string> word_names();

// The parts of words(), each in the file of its name.
[[nodiscard]] std::vector<Word> key_words();
[[nodiscard]] std::vector<Word> outcome_words();  // errors, exit codes, statuses
[[nodiscard]] std::vector<Word> engine_words();   // types, effects, events, limits

}  // namespace drydock::handbook
