#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace drydock::runbook {

// A folder of one test, gone with it.
class TemporaryFolder final {
  public:
    TemporaryFolder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "drydock-reader-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string path(std::string_view name = "") const {
        return name.empty() ? path_ : path_ + "/" + std::string(name);
    }
    // Writes a file (and its folders), readable by us only; returns its path.
    std::string write(std::string_view name, std::string_view bytes) const {
        const std::filesystem::path file = path(name);
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << bytes;
        std::filesystem::permissions(
            file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        return file.string();
    }

  private:
    std::string path_;
};

}  // namespace drydock::runbook
