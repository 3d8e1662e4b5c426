using System.Globalization;
using LanguageExt;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Specs;

/// <summary>
/// An experiment as a YAML file that people write: <c>version: 1</c>, and the settings of <see cref="Setting"/> as a tree.
/// </summary>
public static class ExperimentFile
{
    /// <summary>The version of the form.</summary>
    public const int Version = 1;

    private const string VersionKey = "version";

    /// <summary>The settings of a file, each with its line; the first thing that is wrong where there is any.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">The file's name, for errors.</param>
    public static Either<Error, Many<Setting>> Read(string text, string file)
    {
        try
        {
            var yaml = new YamlStream();
            using var reader = new StringReader(text);
            yaml.Load(reader);
            return yaml.Documents.ToMany() switch
            {
                [{ RootNode: YamlMappingNode root }] => Of(root, file),
                [] => new Error("the file is empty", file, $"begin with version: {Version}"),
                [var one] => new Error("no names with values", At(one.RootNode, file), $"begin with version: {Version}"),
                var several => new Error("several documents", At(several[1].RootNode, file), "write one experiment a file"),
            };
        }
        catch (YamlException wrong)
        {
            return new Error(
                $"not YAML: {wrong.Message.TrimEnd('.')}",
                string.Create(CultureInfo.InvariantCulture, $"{file}, line {wrong.Start.Line}")
            );
        }
    }

    private static Either<Error, Many<Setting>> Of(YamlMappingNode root, string file) =>
        from version in Versioned(root, file)
        from settings in Below(root, "", file)
        from known in settings
            .Filter(s => s.Path != VersionKey)
            .Fold(
                Right<Error, Many<Setting>>([]),
                (so, setting) => so.Bind(all => setting.Checked().Map(all.Add))
            )
        from single in known.GroupBy(s => s.Path).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? new Error($"{twice.Key} is set twice", twice.Last().Where, "leave one out")
            : Right<Error, Unit>(unit)
        select known;

    private static Either<Error, Unit> Versioned(YamlMappingNode root, string file)
    {
        if (!root.Children.TryGetValue(new YamlScalarNode(VersionKey), out var node))
            return new Error("there is no version", At(root, file), $"write version: {Version}");
        return node is YamlScalarNode { Value: { } value } && value == Version.ToString(CultureInfo.InvariantCulture)
            ? unit
            : new Error(
                $"an experiment file of version {node}",
                At(node, file),
                $"this program reads version {Version}"
            );
    }

    private static Either<Error, Many<Setting>> Below(YamlMappingNode node, string above, string file) =>
        node.Children.Aggregate(
            Right<Error, Many<Setting>>([]),
            (so, child) => so.Bind(all => Of(child.Key, child.Value, above, file).Map(more => all + more))
        );

    private static Either<Error, Many<Setting>> Of(YamlNode key, YamlNode value, string above, string file)
    {
        if (key is not YamlScalarNode { Value: { } name })
            return new Error("a name that is no text", At(key, file));
        var path = above.Length == 0 ? name : $"{above}.{name}";
        return value switch
        {
            YamlMappingNode inner => Below(inner, path, file),
            YamlScalarNode { Value: { } text } => (Many<Setting>)[new(path, text, At(value, file))],
            _ => new Error($"{path}: a list where a value should stand", At(value, file)),
        };
    }

    private static string At(YamlNode node, string file) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}, line {node.Start.Line}");
}
