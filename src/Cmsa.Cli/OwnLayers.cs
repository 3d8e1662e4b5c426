using System.CommandLine;
using System.Reflection;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli;

/// <summary>
/// Layers and kinds of your own for models in JSON files: the option <c>--assembly FILE</c> of every command.
/// </summary>
internal static class OwnLayers
{
    public static System.CommandLine.Option<string[]> Option() =>
        new("--assembly")
        {
            Description =
                "A .NET assembly with layers or kinds of your own that a model in a JSON file uses; may be given several times.",
            HelpName = "FILE.dll",
            Recursive = true,
        };

    /// <summary>Loads some assemblies, or says which cannot be.</summary>
    public static Either<Error, Unit> Load(IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            if (!File.Exists(file))
                return new Error("there is no such file", $"--assembly {file}");
            try
            {
                // The types are asked for now, so that an assembly whose own references are missing is refused here.
                _ = Assembly.LoadFrom(Path.GetFullPath(file)).GetTypes();
            }
            catch (Exception unusable)
                when (unusable
                        is BadImageFormatException
                            or FileLoadException
                            or ReflectionTypeLoadException
                            or IOException
                )
            {
                return new Error(
                    $"it cannot be loaded: {unusable.Message.Split('\n')[0].TrimEnd('.', '\r')}",
                    $"--assembly {file}"
                );
            }
        }
        return unit;
    }
}
