#include "engine/rehearse/server_copy.h"

#include <optional>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/os/command_host.h"
#include "engine/os/private_file.h"
#include "engine/os/process.h"

namespace drydock::rehearse {
namespace {

constexpr std::string_view kHint = "apt-get install postgresql-client, of the server's release";

// Runs one of PostgreSQL's programs, logged in as `database` is. The password is in no argument and
// no variable, and gone when the program has ended.
class Programs {
  public:
    Programs(const std::string& guard_program, std::string folder, CancelToken& cancel)
        : host_(guard_program, {}), folder_(std::move(folder)), cancel_(cancel) {}

    void run(sql::Database& database, std::vector<std::string> words) {
        sql::ProgramLogin login = database.login();
        std::optional<os::PrivateFile> password;
        if (!login.password_file.empty()) {
            password.emplace(login.password_file);
            login.environment.emplace_back(login.password_variable, password->path());
        }
        os::CommandSpec spec;
        spec.program = program(words.front());
        spec.argv = std::move(words);
        spec.directory = folder_;
        spec.environment = std::move(login.environment);
        spec.environment.emplace_back("PATH", os::kProgramPath);
        const std::string name = spec.argv.front();
        const os::CommandEnd end = host_.run(spec, cancel_, [](bool, std::string_view) {});
        using How = os::CommandEnd::How;
        if (end.how == How::NotStarted)
            throw_errno(ErrorCode::Command, "cannot start " + name, end.status);
        if (end.how == How::Stopped || cancel_.stop_now())
            throw Error(ErrorCode::Interrupted, "stopped while the copy was made",
                        "nothing of it stays");
        if (end.how == How::Exited && end.status == 0) return;
        throw Error(ErrorCode::Command, name + " failed: " + first_line(end.error),
                    "the copy is made by pg_dump and pg_restore, which must be at least as new as "
                    "the server",
                    std::to_string(end.status));
    }

  private:
    static std::string program(const std::string& name) {
        try {
            return os::allowed_program(name, {name});
        } catch (const Error& error) {
            throw Error(error.code(), error.message(), std::string(kHint), error.code_text());
        }
    }
    static std::string first_line(const std::string& text) {
        return text.substr(0, text.find('\n'));
    }

    os::CommandHost host_;
    std::string folder_;
    CancelToken& cancel_;
};

}  // namespace

ServerCopy copy_database(const sql::PostgresSettings& original, const Scratch& scratch,
                         const std::string& folder, const std::string& guard_program, Clock& clock,
                         CancelToken& cancel) {
    ServerCopy copy;
    const Microseconds began = clock.boot();
    Programs programs(guard_program, folder, cancel);
    const std::string dump = folder + "/dump";
    {
        sql::PostgresSettings reading = original;
        reading.read_only = true;
        const auto session = sql::open_postgres(reading);
        programs.run(*session, {"pg_dump", "--no-password", "--format=custom", "--no-owner",
                                "--no-privileges", "--file=" + dump});
    }
    const auto session = scratch.open();
    programs.run(*session,
                 {"pg_restore", "--no-password", "--exit-on-error", "--no-owner",
                  "--no-privileges", "--dbname=" + scratch.name(), dump});
    session->run("select pg_database_size(current_database())", {}, sql::Access::Read,
                 [&](const sql::Row& row) {
                     copy.bytes = row.value(0).as<std::int64_t>();
                     return true;
                 });
    copy.took = clock.boot() - began;
    return copy;
}

}  // namespace drydock::rehearse
