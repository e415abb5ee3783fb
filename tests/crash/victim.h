#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/doubles/temp_folder.h"

namespace drydock::crash {

using Environment = std::map<std::string, std::string>;

struct Ended {
    bool killed = false;
    int exit = 0;
    std::string text;  // both streams
};

// What a run leaves in the world, and nothing of the engine's own.
struct World {
    std::string databases;  // every table but the receipts, in order
    std::string files;      // path and content of everything in out/
    std::string outputs;
    bool operator==(const World&) const = default;
};

// A folder with databases and a journal, and the program that is killed in it.
class Victim {
  public:
    Victim();

    // Runs `drydock_crash arguments…` to its end, or kills it after `kill_after` microseconds.
    Ended drydock(const std::vector<std::string>& arguments, const Environment& extra = {},
                  std::optional<std::int64_t> kill_after = {}) const;
    Ended start(const std::string& runbook, const Environment& extra = {},
                std::optional<std::int64_t> kill_after = {}) const;
    Ended resume(const Environment& extra = {}, std::optional<std::int64_t> kill_after = {}) const;
    // True when the journal knows a run.
    [[nodiscard]] bool has_run() const;
    // Starts or resumes until it has ended. Returns how often it was taken up; -1 when it never
    // ends.
    int bring_to_an_end(const std::string& runbook, const Environment& extra = {},
                        std::string* last_text = nullptr) const;

    [[nodiscard]] World world() const;
    // "" when each receipt stands for work that is there once and the chain verifies.
    [[nodiscard]] std::string complaints() const;
    // Processes that work in our folder, the test aside.
    [[nodiscard]] std::vector<int> orphans() const;
    [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
    [[nodiscard]] std::vector<std::string> kill_points() const;

  private:
    TempFolder folder_;
};

[[nodiscard]] int count_from_environment(const char* name, int otherwise);

}  // namespace drydock::crash
