#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/rehearse/copies.h"
#include "engine/sql/open.h"

namespace drydock::rehearse {

// A database that is made for a trial and is gone afterwards: a SQLite file in a private folder, or
// a database on a server, of a name that none had before.
class Scratch final {
  public:
    // In the folder `where`. Throws Error{File}.
    [[nodiscard]] static std::unique_ptr<Scratch> file(const std::string& where);
    // On the server of `settings`, as "drydock_PURPOSE_NAME"; it is reached through the database
    // that they name, which is left as it is. Throws what the server says, also when there is one
    // of that name.
    [[nodiscard]] static std::unique_ptr<Scratch> on_server(const sql::PostgresSettings& settings,
                                                            const std::string& purpose,
                                                            const std::string& name);
    ~Scratch();  // drop(), and what is wrong with it is not told
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    // All sessions must have ended before drop().
    [[nodiscard]] std::unique_ptr<sql::Database> open() const;
    // The path of the file, or the database's name.
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::optional<sql::PostgresSettings>& settings() const {
        return settings_;
    }
    // Takes it away. Throws what the server says.
    void drop();

  private:
    Scratch() = default;

    std::string name_;
    std::unique_ptr<PrivateFolder> folder_;          // of a file
    std::optional<sql::PostgresSettings> settings_;  // of one on a server
    std::optional<sql::PostgresSettings> server_;    // through which it is made and dropped
};

}  // namespace drydock::rehearse
