using System.Runtime.CompilerServices;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Learning;

/// <summary>
/// Referring segmentation as the training loop sees it: samples are letterboxed pictures with words, the loss is of the
/// mask's pixels, the score is IoU at the pictures' own size.
/// </summary>
internal sealed class ReferringTask(
    RunFolder folder,
    IDataset data,
    Compiled module,
    Option<BackboneReport> filled,
    FeatureStore? store
) : ITrainable<TrainingExample, Score>
{
    private readonly Experiment experiment = folder.Experiment;
    private readonly Training training = folder.Experiment.Training;

    // A picture's numbers, and their name, for as long as the picture is there: several expressions share them.
    private readonly ConditionalWeakTable<Picture, float[]> fitted = [];
    private readonly ConditionalWeakTable<float[], string> names = [];

    /// <inheritdoc/>
    public long Cut { get; private set; }

    /// <inheritdoc/>
    public string DataName => data.Name;

    /// <inheritdoc/>
    public Many<Progress> Opening =>
        [
            .. filled.Map(report => (Progress)new Progress.Filled(report, experiment.Pixels)),
            .. data.Skipped.Map(bad => (Progress)new Progress.Skipped(bad)),
        ];

    /// <inheritdoc/>
    public Either<Error, TrainingExample> Read(int index) =>
        data.Read("train", index)
            .Map(sample =>
                TrainingExample.Of(
                    sample,
                    fitted.GetValue(
                        sample.Picture,
                        picture => TrainingExample.PixelsOf(picture, experiment.Image, experiment.Pixels)
                    ),
                    folder.Vocabulary,
                    experiment.Image,
                    experiment.Words,
                    truth: true,
                    training.Protocol
                )
            );

    /// <inheritdoc/>
    public Func<Compiled, Many<Tensor>> Prepare(
        IReadOnlyList<LoadedItem<TrainingExample>> part,
        double share,
        Compiled module
    )
    {
        Cut += part.Count(item => item.Value.IsCut);
        var shard = Shard.Of(Named(part), experiment.Image, training.Expressions > 0, module.Context);
        return copy => shard.Learn(copy, share, store);
    }

    /// <inheritdoc/>
    public double Shown(double loss) => loss / experiment.Image / experiment.Image;

    /// <inheritdoc/>
    public Either<Error, Score> Score(CancellationToken stop)
    {
        var split = data.Count("val") > 0 ? "val" : data.Splits[data.Splits.Count - 1];
        return Evaluation
            .Of(
                data,
                split,
                ModelAnswer.Of(module, experiment, folder.Vocabulary),
                atMost: training.ValidateOn,
                stop: stop
            )
            .Map(e => e.Total);
    }

    /// <inheritdoc/>
    public double Worth(Score score) => score.OverallIou;

    /// <inheritdoc/>
    public Many<(string Name, object Value)> Line(Score score, Option<Score> averaged, double seconds) =>
        [
            (Log.Validation, score.OverallIou),
            ("mean_iou", score.MeanIou),
            ("seconds", seconds),
            .. Scoring.Score.Thresholds.Zip(score.Precision, (t, p) => ($"precision@{t:0.0}", (object)p)),
            .. averaged.Match(
                a => (Many<(string, object)>)[("ema_overall_iou", a.OverallIou), ("ema_mean_iou", a.MeanIou)],
                () => []
            ),
        ];

    /// <inheritdoc/>
    public Progress Validated(int step, Score score, bool isBest, Option<Score> averaged) =>
        new Progress.Validated(step, score, isBest, averaged);

    // Pictures are told apart by their pixels where these name what is kept, and otherwise by the data set.
    private Many<(string, TrainingExample)> Named(IEnumerable<LoadedItem<TrainingExample>> part) =>
        [
            .. part.Select(item =>
                (
                    store is null
                        ? data.PictureOf("train", item.Index)
                        : names.GetValue(item.Value.Pixels, FeatureStore.NameOf),
                    item.Value
                )
            ),
        ];
}
