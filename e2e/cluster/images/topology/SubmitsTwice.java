package com.mycompany;

/** A main for two topologies. */
public class SubmitsTwice {
    public static void main(String[] args) throws Exception {
        MyTopology.submit(args[0] + "-first");
        MyTopology.submit(args[0] + "-second");
    }
}
