package com.mycompany;

/** A main that waits before it submits, for as long as its second argument says. */
public class Waits {
    public static void main(String[] args) throws Exception {
        System.out.println("waiting for " + args[1] + " s");
        Thread.sleep(1000L * Long.parseLong(args[1]));
        MyTopology.submit(args[0]);
    }
}
