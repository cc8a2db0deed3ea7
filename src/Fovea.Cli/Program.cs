using System.CommandLine;

return new RootCommand("A workbench for convolutional networks.").Parse(args).Invoke();
