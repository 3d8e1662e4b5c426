using Cmsa.Data;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Specs;

/// <summary>Which data an experiment is about, as a value.</summary>
/// <param name="Name">
/// <c>scenes/unc</c>, <c>scenes/unc+</c>, <c>scenes/gref</c>, <c>scenes/referit</c>, or a REFER data set and its split
/// rule: <c>refcoco/unc</c>.
/// </param>
/// <param name="Root">
/// The folder of REFER's data sets; empty for scenes. Not part of what the experiment is: the same data may lie
/// elsewhere.
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

    /// <summary>Whether the pictures are drawn by this library, and nothing is read.</summary>
    public bool IsScenes => flavours.ContainsKey(Name);

    /// <summary>The data set; an error where there is none of this name, or its files cannot be read.</summary>
    public Either<Error, IDataset> Open() =>
        flavours
            .Find(Name)
            .Match(
                Some: flavour =>
                    Size < 32 || Train < 1 || HeldOut < 1
                        ? Left(
                            new Error(
                                $"scenes of {Size} pixels, {Train} for training and {HeldOut} held out",
                                Name,
                                "give at least 32 pixels and one sample"
                            )
                        )
                        : Right<Error, IDataset>(
                            Scenes.Of(flavour, Seed, Size, new(Train, HeldOut, HeldOut, HeldOut, HeldOut))
                        ),
                None: () =>
                    Name.Split('/') is not [var dataset, var split] || dataset.Length == 0 || split.Length == 0
                        ? Left(
                            new Error(
                                "not the name of a data set",
                                Name,
                                $"use {string.Join(", ", flavours.Keys.Order())}, or a REFER data set and its split rule: refcoco/unc"
                            )
                        )
                    : dataset == "scenes"
                        ? Left(
                            new Error(
                                "no such flavour of scenes",
                                Name,
                                $"there are {string.Join(", ", flavours.Keys.Order())}"
                            )
                        )
                    : Root.Length == 0
                        ? Left(
                            new Error(
                                "the folder of its files is not given",
                                Name,
                                "say where they are with --root FOLDER"
                            )
                        )
                    : Refer.Open(Root, dataset, split).MapLeft(wrong => (Error)wrong)
            );
}
