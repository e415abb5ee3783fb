#include "engine/backup/stage.h"

#include "engine/backup/copy.h"
#include "engine/backup/dump.h"
#include "engine/backup/plain_file.h"
#include "engine/backup/retention.h"
#include "engine/backup/sqlite_backup.h"
#include "engine/error.h"

namespace drydock::backup {
namespace {

constexpr Microseconds kPatience{30'000'000};
constexpr std::string_view kMagic("SQLite format 3\0", 16);
// Text has no NUL; one in the first piece tells.
constexpr std::size_t kLookAt = 4096;

// Also when it failed half-way: what is not proven must not lie there as if it were.
class Part final {
  public:
    Part(Job& job, std::string path) : job_(job), path_(std::move(path)) {}
    ~Part() {
        if (done_) return;
        try {
            job_.files.remove(path_);
        } catch (const Error&) {
            // It stays as what its name says: a part, which the next attempt begins anew.
        }
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }
    void becomes(const std::string& to) {
        job_.files.move(path_, to);
        done_ = true;
    }

  private:
    Job& job_;
    std::string path_;
    bool done_ = false;
};

bool is_dump(const std::string& plain, const std::string& from) {
    const std::string beginning = PlainReader(plain).read(kLookAt);
    if (beginning.starts_with(kMagic)) return false;
    if (!beginning.empty() && beginning.find('\0') == std::string::npos) return true;
    throw Error(ErrorCode::Check, from + " is neither a database nor an SQL dump",
                "look at the path: a backup ends in .db, .gz, .zst or .sealed");
}

void prove(Job& job, Staged& staged, const std::string& part, const std::string& from) {
    const Examined examined = examine(job, part);
    if (!examined.problems.empty()) {
        throw Error(ErrorCode::Check, from + " is not whole: " + examined.problems.front(),
                    "nothing was replaced: choose another copy");
    }
    if (examined.rows.empty()) {
        throw Error(ErrorCode::Check, from + " holds no table",
                    "nothing was replaced: choose another copy");
    }
    if (staged.manifest) refuse_other_rows(from, *staged.manifest, examined.rows);
    staged.rows = examined.rows;
}

}  // namespace

Staged stage(Job& job, const std::string& from, const std::string& to,
             const std::optional<crypto::Key>& key) {
    Staged staged{.path = to};
    if (job.files.exists(from + std::string(kManifestEnd)))
        staged.manifest = manifest_with_digest(job, from);
    Part part(job, to + ".part");
    {
        const PlainCopy plain(job, from, to + ".unpacked", key);
        staged.from_dump = is_dump(plain.path(), from);
        if (staged.from_dump) load_dump(job, plain.path(), part.path());
        // Not as bytes: the newest rows of a copy that was in use are in its log.
        else
            copy_database(job, plain.path(), part.path(), kPatience);
    }
    prove(job, staged, part.path(), from);
    staged.bytes = job.files.stat(part.path()).size.bytes;
    part.becomes(to);
    return staged;
}

std::string summary(const Staged& staged) {
    std::int64_t rows = 0;
    for (const auto& [table, count] : staged.rows) rows += count;
    const std::string what = staged.manifest
                                 ? "proven backup of " + to_text(staged.manifest->taken_at)
                             : staged.from_dump ? "SQL dump"
                                                : "copy without a manifest";
    return what + ", " + std::to_string(rows) + " rows in " + std::to_string(staged.rows.size()) +
           " tables";
}

}  // namespace drydock::backup
