#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "engine/error.h"
#include "engine/files/confined.h"
#include "tests/os/temporary_folder.h"

namespace drydock::files {

// A folder `in` that steps may touch, beside a file `secret` that they may not.
class Workplace : public testing::Test {
  protected:
    Workplace() {
        std::filesystem::create_directory(folder_ / "in");
        folder_.put("secret", "secret text");
    }
    template <class Call>
    static std::string refusal(const Call& call) {
        try {
            call();
        } catch (const Error& error) {
            return std::string(error_name(error.code())) + ": " + error.message();
        }
        return "accepted";
    }
    // The refusal of a path that is not allowed.
    [[nodiscard]] std::string outside(std::string_view name) const {
        return "permission: " + (folder_ / name) + " is not beneath files:";
    }
    [[nodiscard]] std::string leads_out(std::string_view name) const {
        return "permission: " + (folder_ / name) + " leads out of files: through a symbolic link";
    }
    void link(const std::string& target, std::string_view name) const {
        std::filesystem::create_symlink(target, folder_ / name);
    }

    test::TemporaryFolder folder_;
    OpenDatabases databases_;
    Confined files_{{folder_ / "in"}, folder_ / "in", databases_};
};

}  // namespace drydock::files
