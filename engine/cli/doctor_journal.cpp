// What the doctor finds in the journal and around it.

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "engine/cli/doctor.h"
#include "engine/cli/text.h"
#include "engine/execute/requests.h"
#include "engine/journal/health.h"
#include "engine/journal/open.h"
#include "engine/os/file_system.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kRoomBytes = 64LL << 20;
// A log that has grown far beyond what is checkpointed at: somebody reads all the time.
constexpr std::uintmax_t kLargeWal = std::uintmax_t{64} << 20;
constexpr Microseconds kQuickCheck{5'000'000};
constexpr std::int64_t kMinute = 60'000'000;
// What the clocks of one machine may be apart after a step of its time service.
constexpr std::int64_t kClockSlack = 2'000'000;

// The nearest folder upward that is there.
fs::path existing(fs::path folder) {
    std::error_code ignored;
    while (!fs::exists(folder, ignored) && folder != folder.parent_path())
        folder = folder.parent_path();
    return folder;
}

std::string in_mebibytes(std::uintmax_t bytes) {
    return grouped(static_cast<std::int64_t>(bytes >> 20)) + " MiB";
}

class JournalLook final {
  public:
    JournalLook(Assembly& assembly, Findings& findings)
        : findings_(findings),
          now_(assembly.now()),
          place_(assembly.journal_place()),
          path_(journal::path_of(place_)),
          folder_(fs::path(path_).parent_path()) {}

    void look() {
        std::error_code ignored;
        const bool there = fs::exists(path_, ignored);
        look_at_room();
        if (!there) {
            findings_.ok("journal", "there is none yet at " + path_ + "; drydock run makes one");
            return;
        }
        const bool usable = look_at_rights();
        look_at_files();
        if (usable) look_into();
    }

  private:
    void look_at_room() {
        const fs::path folder = existing(folder_);
        try {
            os::check_local(folder);
            const Size free = os::space(folder).free;
            if (free.bytes >= kRoomBytes) {
                findings_.ok("disk", in_mebibytes(static_cast<std::uintmax_t>(free.bytes)) +
                                         " free where the journal is");
            } else {
                findings_.problem("disk",
                                  "only " + to_text(free) + " free in " + folder.string() +
                                      "; a run begins with 64 MiB or more",
                                  "make room there, or put the journal elsewhere with --journal");
            }
        } catch (const Error& error) {
            findings_.problem("disk", error);
        }
        if (::access(folder.c_str(), W_OK | X_OK) != 0)
            findings_.problem("journal", "we may not write in " + folder.string(),
                              "ls -ld " + folder.string() + "; run drydock as its owner");
    }

    // Its folder and everything that we keep there: ours, and nobody else's.
    bool look_at_rights() {
        std::size_t looked_at = 0;
        bool usable = true;
        const auto look = [&](const fs::path& path) {
            try {
                os::check_private(path);
                ++looked_at;
            } catch (const Error& error) {
                findings_.problem("permissions", error);
                usable = usable && path != folder_ && path != path_;
            }
        };
        look(folder_);
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(folder_, ignored)) look(entry.path());
        if (usable)
            findings_.ok("permissions", folder_.string() + " is ours alone, with " +
                                            std::to_string(looked_at - 1) +
                                            (looked_at == 2 ? " file" : " files"));
        return usable;
    }

    void look_at_files() {
        std::error_code ignored;
        const std::uintmax_t bytes = fs::file_size(path_, ignored);
        std::uintmax_t log = fs::file_size(path_ + "-wal", ignored);
        if (ignored) log = 0;
        const std::string sizes =
            path_ + ", " + in_mebibytes(bytes) + ", its log " + in_mebibytes(log);
        if (log < kLargeWal)
            findings_.ok("journal", sizes);
        else
            findings_.warning("journal", sizes + ": something reads it without a pause",
                              "look for long-running drydock processes");
    }

    void look_into() {
        journal::Health health;
        try {
            health = journal::examine(place_, kQuickCheck);
        } catch (const Error& error) {
            findings_.problem("journal", error);
            return;
        }
        look_at_content(health);
        look_at_runs(health);
        look_at_requests(health);
        look_at_clock(health);
    }

    void look_at_content(const journal::Health& health) {
        if (!health.damage.empty()) {
            findings_.problem("integrity", "the journal's file is damaged: " + health.damage,
                              "keep a copy of " + folder_.string() +
                                  " as it is; then drydock audit verify says what still stands");
        } else if (!health.looked_through) {
            findings_.warning("integrity", "too large to look through in 5 s",
                              "drydock audit verify looks at all of it");
        } else {
            findings_.ok("integrity", "its pages are whole; " + grouped(health.runs) + " runs");
        }
        if (health.schema < health.newest_schema)
            findings_.ok("schema", std::to_string(health.schema) + " of " +
                                       std::to_string(health.newest_schema) +
                                       "; the next run brings it up to date");
    }

    void look_at_runs(const journal::Health& health) {
        if (health.damage.empty() && health.open.empty())
            findings_.ok("runs", "none is open, so no lock is held");
        const std::unique_ptr<journal::JournalReader> reader = journal::open_reader(place_);
        for (const journal::RunRow& row : health.open) look_at_run(row, health, *reader);
    }

    void look_at_run(const journal::RunRow& row, const journal::Health& health,
                     journal::JournalReader& reader) {
        std::string text = run::short_id(row.run) + " " + row.runbook + ", ";
        std::vector<std::string> held;
        for (const journal::LockHolder& lock : health.locks) {
            if (lock.run.n == row.n) held.push_back(lock.name);
        }
        std::string locks = held.empty() ? "" : "; it holds ";
        for (std::size_t i = 0; i < held.size(); ++i) locks += (i > 0 ? ", " : "") + held[i];
        const std::string short_id = run::short_id(row.run);
        if (const auto owner = reader.owner(row.n)) {
            findings_.ok("runs", text + "is run by pid " + std::to_string(owner->pid) + " on " +
                                     owner->host + " since " + moment(owner->since, now_) + locks);
        } else if (row.status == run::RunStatus::Suspended) {
            const bool waits = row.why != "operator" && row.why != "lock";
            findings_.ok("runs", text + (waits ? "waits (" + row.why + ")" : "is stopped") + locks);
        } else {
            findings_.warning(
                "runs", text + "was cut: its process is gone, what it had done stands" + locks,
                "drydock show " + short_id + ", drydock resume " + short_id);
        }
    }

    // A wish is answered within a second by the run's owner; without one it waits for a resume.
    void look_at_requests(const journal::Health& health) {
        for (const journal::Request& request : health.requests) {
            if (now_ - request.at < kMinute) continue;
            std::string short_id = "RUN";
            for (const journal::RunRow& row : health.open) {
                if (row.n == request.n) short_id = run::short_id(row.run);
            }
            findings_.warning("requests",
                              "nobody has answered `" + request.kind + "` of " +
                                  execute::user_of(request.actor) + " since " +
                                  moment(request.at, now_),
                              "drydock resume " + short_id);
        }
    }

    void look_at_clock(const journal::Health& health) {
        const std::int64_t ahead = health.newest_time - now_;
        if (ahead <= kClockSlack) {
            findings_.ok("clock", "no event is newer than now");
            return;
        }
        findings_.problem("clock",
                          "the newest event is " + span(ahead) +
                              " in the future: this clock is behind, or was ahead",
                          "timedatectl; windows, waits and times count from this clock");
    }

    Findings& findings_;
    std::int64_t now_;
    std::string place_;
    std::string path_;
    fs::path folder_;
};

}  // namespace

void look_at_journal(Assembly& assembly, Findings& findings) {
    try {
        JournalLook(assembly, findings).look();
    } catch (const Error& error) {
        findings.problem("journal", error);
    }
}

}  // namespace drydock::cli
