#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/os/unique_fd.h"

namespace drydock::execute {

// What StepFinished says about an attempt's log.
struct LogEnd {
    std::string digest;  // base64 SHA-256 of the file; empty: there is none
    std::int64_t bytes = 0;
};

// The log of one attempt: `logs/RUN/do.backup.1.log` beside the journal, made at the first line. At
// most 64 MiB: the first 32 and the last 32 are kept, what is left out between them is counted. On
// disk before StepFinished names its digest. Lines come in redacted. Not thread-safe.
//
//   head … "[1234567 bytes left out]" … tail     the tail lives in two files by turns until close
class AttemptLog final {
  public:
    // `folder` is made (0700) at the first line.
    AttemptLog(std::string folder, std::string_view scope, std::int64_t attempt,
               std::int64_t limit_bytes = 64 << 20);
    ~AttemptLog();

    void write(std::string_view line);  // without the newline
    // Joins the tail, syncs, and says what the file holds. Once.
    LogEnd close();

    // What is found of the log of an attempt that was cut.
    [[nodiscard]] static LogEnd found(const std::string& folder, std::string_view scope,
                                      std::int64_t attempt);
    [[nodiscard]] static std::string file_name(std::string_view scope, std::int64_t attempt);

  private:
    void open();
    void write_tail(std::string_view bytes);
    void append_file(const std::string& path);

    std::string folder_, path_;
    std::int64_t half_;  // of the limit
    os::UniqueFd head_, tail_;
    std::int64_t head_bytes_ = 0, tail_bytes_ = 0, total_bytes_ = 0;
    int tail_turn_ = 0;  // which of the two tail files is written
};

}  // namespace drydock::execute
