#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace drydock::tests {

// A folder of its own for one test, removed afterwards.
class TempFolder final {
  public:
    TempFolder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "drydock-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] std::string file(const std::string& name) const {
        return (path_ / name).string();
    }

  private:
    std::filesystem::path path_;
};

}  // namespace drydock::tests
