#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/backup/job.h"
#include "engine/crypto/keys.h"

namespace drydock::backup {

struct Examined {
    std::vector<std::string> problems;  // what integrity_check says; empty: whole
    // Rows of each table, without those of SQLite, of Drydock, and virtual ones.
    std::map<std::string, std::int64_t, std::less<>> rows;
};

// Opens a database file read-only and looks at every page. Nobody may write it meanwhile. Throws
// Error{File} when it is no database at all.
[[nodiscard]] Examined examine(Job& job, const std::string& path);

// A plain database file made out of `path`, which may be compressed (.gz, .zst) or sealed: the file
// itself when it is plain, else one made at `scratch`, which goes with this object.
class PlainCopy final {
  public:
    PlainCopy(Job& job, const std::string& path, const std::string& scratch,
              const std::optional<crypto::Key>& key = std::nullopt);
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    // Files that go when this goes, also when unpacking fails half-way.
    class Scratch final {
      public:
        Scratch() = default;
        ~Scratch();
        Scratch(const Scratch&) = delete;
        Scratch& operator=(const Scratch&) = delete;
        void add(const std::string& file) { files_.push_back(file); }

      private:
        std::vector<std::string> files_;
    };

    std::string path_;
    Scratch scratch_;
};

// Whether the name says that PlainCopy must unpack it.
[[nodiscard]] bool is_packed(const std::string& path);
[[nodiscard]] bool is_sealed(const std::string& path);

}  // namespace drydock::backup
