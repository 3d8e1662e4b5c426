using System.Text.Json.Serialization;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Specs;

/// <summary>Which data an experiment is about, as a value.</summary>
/// <param name="Name">
/// <c>scenes/unc</c>, <c>scenes/unc+</c>, <c>scenes/gref</c>, <c>scenes/referit</c>, a REFER data set and its split
/// rule: <c>refcoco/unc</c>, or a folder of your own data: <c>folder/NAME</c>, see <see cref="Of"/>.
/// </param>
/// <param name="Root">
/// The folder of REFER's data sets, or the folder of your own data; empty for scenes. Not part of what the experiment
/// is: the same data may lie elsewhere.
/// </param>
/// <param name="Size">Height and width of the pictures of scenes, in pixels.</param>
/// <param name="Seed">What scenes are drawn from.</param>
/// <param name="Train">How many training samples scenes have.</param>
/// <param name="HeldOut">How many samples each held-out split of scenes has.</param>
public sealed record DataSpec(
    string Name,
    string Root = "",
    int Size = 96,
    int Seed = 0,
    int Train = 20_000,
    int HeldOut = 1_000
)
{
    /// <summary>The flavours of the built-in scenes, by name.</summary>
    private static readonly HashMap<string, SceneFlavour> flavours = HashMap(
        ("scenes/unc", SceneFlavour.Unc),
        ("scenes/unc+", SceneFlavour.UncPlus),
        ("scenes/gref", SceneFlavour.Gref),
        ("scenes/referit", SceneFlavour.Referit)
    );

    private const string Folder = "folder";

    /// <summary>
    /// Whether the pictures are drawn by this library. It has been part of an experiment's JSON from the first version
    /// on, so the hash of an experiment depends on it.
    /// </summary>
    [JsonInclude]
    internal bool IsScenes => flavours.ContainsKey(Name);

    /// <summary>
    /// The data set that a person names: a name as <see cref="Name"/> has it, or the path of a
    /// folder of your own data, which a <see cref="FolderDataset"/> reads.
    /// </summary>
    /// <param name="name">The name, or the path.</param>
    /// <param name="root">The folder of REFER's data sets.</param>
    public static DataSpec Of(string name, string root) =>
        !flavours.ContainsKey(name) && root.Length == 0 && Directory.Exists(name)
            ? new($"{Folder}/{FolderDataset.NameOf(name)}", Path.GetFullPath(name))
            : new(name, root);

    /// <summary>The data set; an error where there is none of this name, or its files cannot be read.</summary>
    public Either<Error, IDataset> Open() => flavours.Find(Name).Match(OpenScenes, OpenFiles);

    private Either<Error, IDataset> OpenScenes(SceneFlavour flavour)
    {
        if (Size < 32 || Train < 1 || HeldOut < 1)
            return new Error(
                $"scenes of {Size} pixels, {Train} for training and {HeldOut} held out",
                Name,
                "give at least 32 pixels and one sample"
            );
        return SceneDataset.Of(flavour, Seed, Size, new(Train, HeldOut, HeldOut, HeldOut, HeldOut));
    }

    private Either<Error, IDataset> OpenFiles()
    {
        if (Path.IsPathRooted(Name) || Name.StartsWith('.'))
            return new Error("there is no such folder", Name, "give a folder of pictures with train.jsonl");
        var scenes = string.Join(", ", flavours.Keys.Order());
        if (Name.Split('/') is not [{ Length: > 0 } dataset, { Length: > 0 } split])
            return new Error(
                "not the name of a data set",
                Name,
                $"use {scenes}, a REFER data set and its split rule: refcoco/unc, or the path of a folder of your own"
            );
        if (dataset == "scenes")
            return new Error("no such flavour of scenes", Name, $"there are {scenes}");
        if (Root.Length == 0)
            return new Error("the folder of its files is not given", Name, "say where they are with --root FOLDER");
        return dataset == Folder
            ? FolderDataset.Open(Root).Map(opened => (IDataset)opened)
            : ReferDataset.Open(Root, dataset, split).Map(opened => (IDataset)opened);
    }
}
