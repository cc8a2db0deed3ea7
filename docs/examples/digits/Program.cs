// Trains a small network on handwritten digits with the library alone, saves it, loads it again, and lets it say what it sees.
// Run it in the repository's root: dotnet run --project docs/examples/digits
using Fovea;

string[] names = [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")];
var normalization = new Normalization(Mean: [0.1307f], Deviation: [0.3081f]);
Dataset training = IdxFile.ReadFolder("datasets/mnist", "mnist", training: true, names, normalization).Take(10_000);
Dataset test = IdxFile.ReadFolder("datasets/mnist", "mnist", training: false, names, normalization);

ModelSpec model = ModelSpec.Parse("conv 16 k5 | relu | maxpool 2 | conv 32 k3 | relu | maxpool 2 | flatten | linear 10", training.Shape);
var trainer = new Trainer(model, training, new TrainingSettings { Epochs = 2, BatchSize = 50, Loss = new CrossEntropyLoss(), Optimizer = new Adam() });
trainer.Run(epochDone: epoch => Console.WriteLine($"epoch {epoch.Epoch}: loss {epoch.TrainLoss:F3}, accuracy {epoch.TrainAccuracy:P1}"));

string folder = args.Length > 0 ? args[0] : "runs/digits";
trainer.Save(folder);
TrainedNetwork trained = TrainedNetwork.Load(folder);
Console.WriteLine($"test accuracy {trained.Evaluate(test).Evaluation.Accuracy:P1}");
foreach (Classification digit in trained.Classify(test.Take(5)))
    Console.WriteLine($"that is a {trained.Data.ClassName(digit.Label)}, with a probability of {digit.Probabilities[digit.Label]:P1}");
