namespace Cmsa.Architecture.Tests;

/// <summary>The sources that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = Found(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Found(DirectoryInfo? folder) =>
        folder is null ? throw new InvalidOperationException("The tests run outside the repository.")
        : File.Exists(Path.Combine(folder.FullName, "Cmsa.Dsl.sln")) ? folder.FullName
        : Found(folder.Parent);
}
