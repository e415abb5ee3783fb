#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace drydock::test {

// What a hostile script must come to. Whatever it is, the engine is as before afterwards.
enum class Ending {
    Deadline,  // only its deadline stops it
    Refused,   // an error, or its deadline
    Returns,   // it is harmless and says so itself, by asserting
    Any,       // harmless whatever comes
};

// One hostile script. They stand in tests/bindings/hostile/*.lua, each beneath a line
//   --@ name: deadline | refused | returns | any
// and find there: a connection `app` with a table t (x) of three rows, the folder of fs, params
// {name = "x", list = {1, 2}}, the secret `key` with the text "hunter2-hunter2".
struct HostilePayload {
    std::string name;
    Ending ending = Ending::Any;
    std::string text;
};

inline Ending ending_from(const std::string& word) {
    if (word == "deadline") return Ending::Deadline;
    if (word == "refused") return Ending::Refused;
    if (word == "returns") return Ending::Returns;
    if (word == "any") return Ending::Any;
    throw std::runtime_error("no ending of a hostile script: " + word);
}

// The scripts of one file of HOSTILE_FOLDER, in order.
inline std::vector<HostilePayload> hostile_payloads(const std::string& file) {
    std::vector<HostilePayload> all;
    std::ifstream lines(std::filesystem::path(HOSTILE_FOLDER) / (file + ".lua"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("--@ ")) {
            const std::size_t colon = line.find(": ");
            if (colon == std::string::npos) throw std::runtime_error("a bad head: " + line);
            all.push_back({line.substr(4, colon - 4), ending_from(line.substr(colon + 2)), {}});
        } else if (!all.empty()) {
            all.back().text += line + "\n";
        }
    }
    if (all.empty()) throw std::runtime_error("no hostile scripts in " + file);
    return all;
}

}  // namespace drydock::test
