#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/cancel.h"
#include "engine/execute/launch.h"
#include "engine/sql/database.h"

namespace drydock::rehearse {

// A folder for our user only (0700), gone with everything in it when this goes.
class PrivateFolder final {
  public:
    // Made in the folder `where`; throws Error{File}.
    explicit PrivateFolder(const std::string& where);
    ~PrivateFolder();
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// Where copies go unless somebody says where: $TMPDIR, else /var/tmp, which is no memory.
[[nodiscard]] std::string usual_place();

struct Copy {
    std::vector<std::string> connections;  // that lead to this database
    std::string original;                  // its path; its name on a server
    std::string path;                      // of the copy
    // In the place of a copy: the session in which everything is done and taken back. Not owned.
    sql::Database* live = nullptr;
    std::int64_t bytes = 0;
    std::int64_t micros = 0;  // that the copying took
};
struct Copies {
    std::vector<Copy> made;
    std::map<std::string, std::string> missing;  // connections without one, and why
    [[nodiscard]] std::map<std::string, std::string> paths() const;  // by connection
};

// Copies each SQLite database that the run would use into `folder`, one consistent moment each,
// while other programs go on using it; the original is only read. Before anything is copied the
// room is looked at: Error{File} naming the bytes needed and free.
[[nodiscard]] Copies copy_targets(execute::Engine& engine, const execute::StartOptions& options,
                                  const std::string& folder);

}  // namespace drydock::rehearse
