#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cases/case_folder.h"
#include "engine/cases/cases.h"
#include "engine/cases/private_postgres.h"
#include "engine/cases/private_redis.h"

namespace drydock::cases {

// The folder that a case has for itself:
//
//   work/    the working folder of the run: databases, files
//   state/   the journal with its logs, and the notes that the runner of the case keeps
//
// The same path for each repetition of a case, so that what contains it stays comparable. Its
// servers, if it has some, belong to it as well: Redis one of its own, PostgreSQL the program's.
class World final {
  public:
    World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    [[nodiscard]] std::string work() const { return folder_.path() + "/work"; }
    [[nodiscard]] std::string state() const { return folder_.path() + "/state"; }
    [[nodiscard]] std::string journal() const { return state() + "/journal.db"; }
    // Empties both folders, and the servers if there are some.
    void clear();

    // Starts a private Redis server; its socket is in state/.
    void start_redis();
    // Its socket; empty without one.
    [[nodiscard]] std::string redis_socket() const;
    [[nodiscard]] const PrivateRedis* redis() const { return redis_.get(); }

    // From now on `server` is this world's, empty; it outlives it.
    void use_postgres(PrivatePostgres& server);
    // Null without one.
    [[nodiscard]] const PrivatePostgres* postgres() const { return postgres_; }

  private:
    CaseFolder folder_;
    std::unique_ptr<PrivateRedis> redis_;  // before the folder that its socket is in
    PrivatePostgres* postgres_ = nullptr;
};

using DatabasePaths = std::map<std::string, std::string, std::less<>>;

// Makes databases and files as the case wants them. Throws Error{Document} for SQL that is wrong or
// a place outside of the world.
void furnish(const World& world, const Case& one, const DatabasePaths& databases);

// What a run leaves: the rows of every table but the receipts, in order, the keys of the Redis
// server, and the names of all files. One line each, so that two worlds can be compared.
[[nodiscard]] std::vector<std::string> describe(const World& world, const DatabasePaths& databases);

// Appends to, and reads, a file of notes in state/: one text per line.
void note(const World& world, std::string_view file, std::string_view line);
[[nodiscard]] std::vector<std::string> notes(const World& world, std::string_view file);

}  // namespace drydock::cases
