#include "engine/runbook/module_library.h"

#include <gtest/gtest.h>

#include "engine/error.h"
#include "temporary_folder.h"

namespace drydock::runbook {
namespace {

TEST(ModuleLibrary, FindsShippedFoldersAndTheRunbooksOwn) {
    const TemporaryFolder folder;
    folder.write("team/mail.lua", "mail");
    folder.write("team/sqlite.lua", "not this one");
    folder.write("books/own.lua", "own");
    ModuleLibrary library;
    library.add_shipped("sqlite", "shipped");
    library.add_folder(folder.path("team"));
    EXPECT_EQ(library.find("sqlite", "")->text, "shipped");
    EXPECT_EQ(library.find("sqlite", "")->path, "(shipped)");
    EXPECT_EQ(library.find("mail", "")->path, folder.path("team/mail.lua"));
    EXPECT_EQ(library.find("./own", folder.path("books"))->text, "own");
    EXPECT_FALSE(library.find("./own", ""));
    EXPECT_FALSE(library.find("own", folder.path("books")));
    EXPECT_EQ(library.names(), (std::vector<std::string>{"mail", "sqlite"}));
}

TEST(ModuleLibrary, NamesNeverLeadElsewhere) {
    const TemporaryFolder folder;
    folder.write("secret.lua", "x");
    folder.write("books/own.lua", "own");
    ModuleLibrary library;
    library.add_folder(folder.path("books"));
    EXPECT_FALSE(library.find("../secret", ""));
    EXPECT_FALSE(library.find("./../secret", folder.path("books")));
    EXPECT_FALSE(library.find("./", folder.path("books")));
}

TEST(ReadWholeFile, RefusesFoldersAndLargeFiles) {
    const TemporaryFolder folder;
    const std::string file = folder.write("a", "12345");
    EXPECT_EQ(read_whole_file(file, 5), "12345");
    EXPECT_THROW((void)read_whole_file(file, 4), Error);
    EXPECT_THROW((void)read_whole_file(folder.path(), 100), Error);
    EXPECT_THROW((void)read_whole_file(folder.path("none"), 100), Error);
}

}  // namespace
}  // namespace drydock::runbook
