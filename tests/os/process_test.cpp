#include "engine/os/process.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "engine/error.h"
#include "tests/os/child_process.h"
#include "tests/os/temporary_folder.h"

namespace drydock::os {
namespace {

std::string why_refused(const std::string& program, const std::vector<std::string>& allowed) {
    try {
        return allowed_program(program, allowed);
    } catch (const Error& error) {
        return std::string(error_name(error.code())) + ": " + error.message();
    }
}

TEST(AllowedProgram, IsFoundByNameOrByPathAndOnlyWhenAllowed) {
    const std::string path = allowed_program("cat", {"cat"});
    EXPECT_TRUE(path.starts_with("/")) << path;
    EXPECT_EQ(allowed_program(path, {"cat"}), path);
    EXPECT_EQ(allowed_program("cat", {path}), path);
    EXPECT_EQ(why_refused("cat", {"ls"}), "permission: the program \"cat\" is not allowed");
    EXPECT_EQ(why_refused("cat", {}), "permission: the program \"cat\" is not allowed");
}

TEST(AllowedProgram, ThatIsMissingIsSaidToBeMissing) {
    EXPECT_EQ(why_refused("no-such-program", {"no-such-program"}),
              "command: there is no program \"no-such-program\"");
    EXPECT_EQ(why_refused("/no/such", {"/no/such"}),
              "command: cannot run /no/such: there is no such program");
}

TEST(AllowedProgram, MustBeAFileThatWeMayExecute) {
    const test::TemporaryFolder folder;
    folder.put("script", "#!/bin/sh\n");
    const std::string script = folder / "script";
    EXPECT_EQ(why_refused(script, {script}),
              "command: cannot run " + script + ": we may not execute it");
    ::chmod(script.c_str(), 0700);
    EXPECT_EQ(why_refused(script, {script}), script);
    EXPECT_EQ(why_refused("/usr", {"/usr"}), "command: cannot run /usr: it is not a regular file");
}

TEST(AllowedProgram, IsNeverLookedForInTheWorkingFolder) {
    for (const char* name : {"./cat", "bin/cat", "../cat", ""}) {
        EXPECT_TRUE(why_refused(name, {name}).starts_with("command: ")) << name;
    }
}

TEST(ProcessIdentity, TellsTwoProcessesApartAndEndsWithThem) {
    EXPECT_TRUE(start_of_process(::getpid()));
    EXPECT_EQ(start_of_process(::getpid()), start_of_process(::getpid()));
    EXPECT_EQ(parent_of_process(::getpid()), ::getppid());
    test::ChildProcess child([](const test::ChildProcess::Line& line) { (void)line.hear(); });
    const pid_t pid = child.pid();
    EXPECT_GE(start_of_process(pid), start_of_process(::getpid()));
    EXPECT_EQ(parent_of_process(pid), ::getpid());
    child.kill();
    EXPECT_FALSE(start_of_process(pid));
}

TEST(ProcessIdentity, IsReadBehindANameThatLooksLikeFields) {
    test::ChildProcess child([](const test::ChildProcess::Line& line) {
        ::pthread_setname_np(::pthread_self(), "x) R 1 2 3 (y");
        line.tell("renamed");
        (void)line.hear();
    });
    ASSERT_EQ(child.hear(), "renamed");
    EXPECT_EQ(parent_of_process(child.pid()), ::getpid());
}

TEST(Machine, HasABootAndAName) {
    EXPECT_EQ(boot_id().size(), 36U);
    EXPECT_EQ(boot_id(), boot_id());
    EXPECT_FALSE(host_name().empty());
    EXPECT_EQ(user_name(0), "root");
    EXPECT_EQ(user_name(4'000'000'000U), "4000000000");
}

TEST(StandardStreams, AreFilledSoThatNoFileTakesTheirPlace) {
    test::ChildProcess child([](const test::ChildProcess::Line& line) {
        ::close(STDIN_FILENO);
        ::close(STDERR_FILENO);
        fill_standard_streams();
        const int next = ::open("/dev/null", O_RDONLY);
        struct stat null {};
        const bool filled = ::fstat(STDERR_FILENO, &null) == 0 && S_ISCHR(null.st_mode);
        line.tell(filled && next > STDERR_FILENO ? "filled" : "open");
    });
    EXPECT_EQ(child.hear(), "filled");
}

}  // namespace
}  // namespace drydock::os
