#pragma once

#include <string>
#include <string_view>

#include "engine/os/unique_fd.h"

namespace drydock::os {

// A file that appears at its name whole and durable, or not at all:
//
//   write … | fsync | link or rename to the name | fsync of the folder
//
// Until then it has no name (O_TMPFILE), so that a crash leaves nothing. Only when another file is
// replaced it is called `.NAME.drydock-NNN` between two system calls (all the time where the
// file system has no O_TMPFILE). A link at the name is replaced, not followed.
class AtomicFile final {
  public:
    // `folder` is a readable descriptor of the folder, which must stay open as long as this lives.
    AtomicFile(int folder, std::string name, int mode);
    ~AtomicFile();  // without commit(): nothing has happened
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(std::string_view bytes);
    // Throws Error{File}, as do the others; whether the new file is there is then unknown.
    void commit();

  private:
    void open();
    void place();
    void rename_from_temporary();
    [[nodiscard]] bool link_as(const std::string& name);

    int folder_;
    std::string name_;
    std::string temporary_;
    int mode_;
    UniqueFd fd_;
    bool has_name_ = false;  // it is called temporary_ now
};

// Writes the whole file at `path` that way.
void write_file(const std::string& path, std::string_view bytes, int mode = 0600);

}  // namespace drydock::os
