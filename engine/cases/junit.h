#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/cases/expectation.h"

namespace drydock::cases {

// A file of cases that was played, for machines that read JUnit's XML.
struct PlayedCase {
    std::string name;
    std::vector<Failure> failures;
    std::chrono::milliseconds took{0};
};
struct PlayedFile {
    std::string path;
    std::string problem;  // why it could not be read; else empty
    std::vector<PlayedCase> list;
};

// One <testsuite> for each file, one <testcase> for each case; a file that cannot be read is an
// <error>. What XML cannot hold is left out.
[[nodiscard]] std::string junit_text(const std::vector<PlayedFile>& files);

}  // namespace drydock::cases
